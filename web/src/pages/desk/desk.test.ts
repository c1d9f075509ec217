import { describe, expect, it } from 'vitest'
import type { Composer } from 'vue-i18n'
import { i18n } from '@/i18n'
import { isOver, nowWords, oddOf, ordered, pageOf } from './caseWords'
import { hashOf } from './basis'
import type { CaseLine, Measure, Proposal } from './shapes'
import { leftWords, wasToBe, wouldBe } from './standingWords'
import { complete, emptyTerms, sentTerms } from './terms'

const t = i18n.global.t as unknown as Composer['t']
const line = (id: string, status: CaseLine['status'], more: Partial<CaseLine> = {}): CaseLine => ({
  id, status, expert_id: 'ex_1', ground: 'leak', origin: '', due_on: null, days_left: null, urgent: false, reported_at: '2026-11-23T01:00:00Z', ...more,
})
const proposal = (more: Partial<Proposal>): Proposal => ({ act: 'enter', open: true, urgent: false, origin: '', target: '', kind: 'suspended', ground: 'leak', starts_on: '2026-11-23', ends_on: '2026-12-23', expert_id: 'ex_1', days_left: null, ...more }) as Proposal

describe('the order of the desk', () => {
  const cases = [
    line('over', 'upheld'),
    line('waits', 'notified', { due_on: '2026-12-01', days_left: 4 }),
    line('sooner', 'notified', { due_on: '2026-11-30', days_left: 3 }),
    line('silent', 'notified', { due_on: '2026-11-20', days_left: -1 }),
    line('appealed', 'appealed'),
    line('lapsing', 'notified', { due_on: '2026-12-01', days_left: 4, urgent: true }),
  ]
  const lapsing = proposal({ urgent: true, origin: 'case:lapsing', days_left: 1 })

  it('puts a suspension about to lapse first, then what waits for the office, then days, then what is over', () => {
    expect(ordered(cases, [lapsing]).map((one) => one.id)).toEqual(['lapsing', 'appealed', 'silent', 'sooner', 'waits', 'over'])
  })

  it('does not call a suspension odd that has time, or that somebody has confirmed', () => {
    expect(oddOf(cases[5]!, [proposal({ urgent: true, origin: 'case:lapsing', days_left: 3 })])).toBeNull()
    expect(oddOf(cases[5]!, [{ ...lapsing, open: false }])).toBeNull()
  })

  it('counts a decision in force as over once the time to appeal is', () => {
    expect(isOver(line('a', 'in_force', { due_on: '2026-12-01', days_left: 0 }))).toBe(false)
    expect(isOver(line('a', 'in_force', { due_on: '2026-12-01', days_left: -1 }))).toBe(true)
  })
})

describe('words of standing', () => {
  it('say how many working days are left, that it is today, or that it is over', () => {
    expect(leftWords('2026-12-01', 2, t)).toBe('还有 2 个工作日')
    expect(leftWords('2026-12-01', 0, t)).toBe('今天届满')
    expect(leftWords('2026-12-01', -1, t)).toBe('已于 2026年12月1日 届满')
  })

  it('say whose turn it is when the expert was silent', () => {
    expect(nowWords(line('a', 'notified', { due_on: '2026-12-01', days_left: -2 }), t)).toContain('未作陈述')
  })

  it('say what would become true, and in the past tense what it was about', () => {
    const measure = { kind: 'barred', starts_on: '2026-01-01', ends_on: null } as unknown as Measure
    expect(wouldBe(proposal({}), null, t)).toContain('暂停资格')
    expect(wouldBe(proposal({ act: 'correct' }), measure, t)).toMatch(/暂停资格.*禁止一定期限.*不设截止日/)
    expect(wasToBe(proposal({ act: 'lift', ground: 'duty_done' }), measure, t)).toBe('提前解除“禁止一定期限”（未尽事项已完成）')
  })

  it('lead from a link to the page of its log, and nowhere where there is none', () => {
    expect(pageOf({ stream: 'draw/dr_1' })).toBe('/supervise/draws/dr_1')
    expect(pageOf({ stream: 'evaluation/ev_1' })).toBe('/supervise/rooms/ev_1')
    expect(pageOf({ stream: 'case:ca_1' })).toBe('/supervise/cases/ca_1')
    expect(pageOf({ stream: 'pool' })).toBeNull()
  })
})

describe('the terms of a measure', () => {
  it('are complete without an end, and are sent without blanks', () => {
    const form = { ...emptyTerms('barred'), ground: 'leak', basis: ' 文书 ', deciding_body: '机关', ends_on: '' }
    expect(complete(form)).toBe(true)
    expect(complete({ ...form, basis: '  ' })).toBe(false)
    expect(sentTerms(form)).toMatchObject({ basis: '文书', ends_on: null })
  })

  it('name a document by the SHA-256 of its bytes', async () => {
    expect(await hashOf(new Blob(['abc']))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
