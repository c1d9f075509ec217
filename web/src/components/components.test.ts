import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refusal } from '@/api/client'
import { i18n, switchLang } from '@/i18n'
import { clock, exact, span } from '@/time'
import { withFacts } from '@/words'
import BandMeter from './BandMeter.vue'
import CheckList from './CheckList.vue'
import ConfirmAct from './ConfirmAct.vue'
import Countdown from './Countdown.vue'
import Fingerprint from './Fingerprint.vue'
import OfflineBanner from './OfflineBanner.vue'
import RefusalCard from './RefusalCard.vue'
import StateRail from './StateRail.vue'

const global = { plugins: [i18n, createPinia()] }
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-24T06:41:00Z') })
  switchLang('zh-CN')
})
afterEach(() => void vi.useRealTimers())

describe('time', () => {
  it('is China Standard Time whatever the machine says', () => {
    expect([clock('2026-11-24T07:30:05Z'), clock(1795505405, true)]).toEqual(['15:30', '15:30:05'])
    expect(exact('2026-11-24T16:00:00Z', 'zh-CN')).toBe('北京时间 2026年11月25日 00:00:00')
    expect([span(59.2), span(61), span(7200), span(200000)].map((one) => `${one.n} ${one.unit}`)).toEqual(['60 seconds', '2 minutes', '2 hours', '2 days'])
  })

  it('is said as people think it and counts down in place', async () => {
    const wrapper = mount(Countdown, { props: { to: '2026-11-24T07:30:00Z' }, global })
    expect(wrapper.text()).toBe('还有 49 分钟（15:30）')
    expect(wrapper.attributes('title')).toContain('北京时间 2026年11月24日 15:30:00')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(wrapper.text()).toBe('还有 48 分钟（15:30）')
    await vi.advanceTimersByTimeAsync(50 * 60_000)
    expect(wrapper.text()).toContain('前')
  })
})

describe('parts', () => {
  it('a refusal shows sentence, way out, rule and code, also for a code nobody knows', () => {
    const known = mount(RefusalCard, { props: { refusal: new Refusal(0, 'client.offline', 'R-X-1') }, global })
    expect(known.attributes('role')).toBe('alert')
    for (const words of ['没有连上服务器', '请检查网络', 'R-X-1', 'client.offline']) expect(known.text()).toContain(words)
    const unknown = mount(RefusalCard, { props: { refusal: new Refusal(409, 'no.such_code') }, global })
    for (const words of ['没有被接受', 'no.such_code']) expect(unknown.text()).toContain(words)
  })

  it('facts go into the sentence; a missing one stays visible', () => {
    expect(withFacts('{n} 人，{codes}，{missing}', { n: 2, codes: ['A01', 'B02'] })).toBe('2 人，A01、B02，{missing}')
  })

  it('checks are told apart without colour', () => {
    const states = ['wait', 'run', 'ok', 'fail', 'skip', 'open'] as const
    const wrapper = mount(CheckList, { props: { label: 'x', checks: states.map((state) => ({ key: state, label: state, state, evidence: state === 'ok' ? ['e'] : [] })) }, global })
    const labels = wrapper.findAll('[role="img"]').map((one) => one.attributes('aria-label'))
    expect(new Set(labels).size).toBe(states.length)
    expect(wrapper.findAll('details').length).toBe(1)
    expect(wrapper.attributes('aria-live')).toBe('polite')
  })

  it('an irreversible act waits for the word', async () => {
    const wrapper = mount(ConfirmAct, { props: { open: true, title: 'T', consequence: 'C', action: 'A', word: '冻结' }, global: { ...global, stubs: { teleport: true } } })
    await vi.advanceTimersByTimeAsync(100)
    const submit = wrapper.get('button[type="submit"]')
    expect(submit.attributes('disabled')).toBeDefined()
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('confirm')).toBeUndefined()
    await wrapper.get('input').setValue('冻结')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('confirm')).toHaveLength(1)
  })

  it('a band says its word and never a number', () => {
    const wrapper = mount(BandMeter, { props: { band: 'few' }, global })
    expect(wrapper.get('[role="img"]').attributes('aria-label')).toBe('偏少')
    expect(wrapper.text()).not.toMatch(/\d/)
  })

  it('the rail marks the current step and says each state', () => {
    const wrapper = mount(StateRail, { props: { label: 'r', steps: [{ key: 'a', label: 'A', state: 'done' }, { key: 'b', label: 'B', state: 'now', seal: true }] }, global })
    expect(wrapper.findAll('[aria-current="step"]').map((one) => one.text())).toEqual(['B进行中'])
  })

  it('a fingerprint stands in groups of four and copies whole', async () => {
    const writeText = vi.fn(async () => undefined)
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    const wrapper = mount(Fingerprint, { props: { value: '0123456789abcdef', short: true }, global })
    expect(wrapper.get('code').text()).toBe('0123 4567 …')
    await wrapper.get('button').trigger('click')
    expect(writeText).toHaveBeenCalledWith('0123456789abcdef')
    vi.unstubAllGlobals()
  })

  it('off line is said calmly, and so is the return', async () => {
    const wrapper = mount(OfflineBanner, { props: { offline: true, waiting: 3 }, global })
    expect(wrapper.text()).toContain('待上传 3 项')
    await wrapper.setProps({ offline: false })
    expect(wrapper.text()).toContain('已恢复')
    await vi.advanceTimersByTimeAsync(9000)
    expect(wrapper.text()).toBe('')
  })

  it('speaks English when asked', () => {
    switchLang('en')
    expect(mount(BandMeter, { props: { band: 'ample' }, global }).get('[role="img"]').attributes('aria-label')).toBe('ample')
  })
})
