import { describe, expect, it } from 'vitest'
import { answerFinding, browserFinding, browserOf, cameraFault, cameraFinding, clockFinding, DARK, median, microphoneFinding, networkFinding, othersFinding, screenFinding, SILENCE_MS, socketFinding, verdictOf, type Finding } from './findings'
import zh from '../locales/zh-CN/device.json'
import en from '../locales/en/device.json'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'
const EDGE = `${CHROME} Edg/141.0.0.0`
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0'
const SAFARI = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15'
const whole = { secure: true, signing: true, sealing: true, sockets: true }

describe('what a browser says of itself', () => {
  it.each([[CHROME, 'Chromium', 141], [EDGE, 'Chromium', 141], [FIREFOX, 'Firefox', 131], [SAFARI, 'Safari', 17]] as const)('%s', (agent, family, version) => expect(browserOf(agent)).toEqual({ family, version }))
  it('may be nothing known', () => expect(browserOf('curl/8')).toBeNull())
  it('counts less than what it can do', () => {
    expect(browserFinding(EDGE, whole)).toMatchObject({ state: 'ok', facts: { name: 'Edge', version: 141 } })
    expect(browserFinding('curl/8', whole)).toMatchObject({ state: 'ok', facts: { name: '?' } })
    expect(browserFinding(CHROME, { ...whole, sealing: false })).toMatchObject({ state: 'fail', word: 'too_old' })
    expect(browserFinding(CHROME, { ...whole, secure: false, sealing: false })).toMatchObject({ state: 'fail', word: 'not_secure' })
  })
})

describe('measured facts', () => {
  it.each([[0, 'ok'], [30_400, 'ok'], [31_000, 'slow'], [-31_000, 'fast']] as const)('a clock %i ms behind is %s', (ms, word) => expect(clockFinding(ms).word).toBe(word))
  it('one slow trip is no verdict', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(networkFinding([40, 50, 4000]).state).toBe('ok')
    expect(networkFinding([500, 600, 40]).word).toBe('slow')
    expect(networkFinding([]).word).toBe('none')
  })
  it.each([[1366, 'ok', 'ok'], [911, 'open', 'narrow'], [390, 'fail', 'phone']] as const)('a window %i wide is %s', (width, state, word) => expect(screenFinding(width, 700)).toMatchObject({ state, word }))
})

describe('camera', () => {
  it.each([['NotAllowedError', 'denied'], ['NotFoundError', 'missing'], ['NotReadableError', 'busy']] as const)('%s is %s', (name, camera) => expect(cameraFault(name)).toBe(camera))
  it('is no fault of the machine where the address is not secure', () => expect([cameraFinding(false, 'idle', null), microphoneFinding(false, 'idle', false, 0)].map((one) => [one.state, one.word])).toEqual([['open', 'not_secure'], ['open', 'not_secure']]))
  it('whose lens is covered is found by its black picture', () => {
    expect(cameraFinding(true, 'on', null).state).toBe('run')
    expect(cameraFinding(true, 'on', DARK - 1)).toMatchObject({ state: 'fail', word: 'dark' })
    expect(cameraFinding(true, 'on', DARK).state).toBe('ok')
  })
})

describe('microphone', () => {
  it('is fine once a voice was heard, and not after a long silence', () => {
    expect(microphoneFinding(true, 'on', false, 0)).toMatchObject({ state: 'wait', word: 'speak' })
    expect(microphoneFinding(true, 'on', false, SILENCE_MS)).toMatchObject({ state: 'fail', word: 'silent' })
    expect(microphoneFinding(true, 'on', true, SILENCE_MS).state).toBe('ok')
  })
})

describe('what others see', () => {
  it('is looked at by the person, and is nothing to wait for without a camera', () => {
    expect(othersFinding(true, 'on', false, 'pixelated')).toMatchObject({ state: 'wait', word: 'pixelated' })
    expect(othersFinding(true, 'on', true, 'none').state).toBe('ok')
    expect([othersFinding(true, 'denied', false, 'none').state, othersFinding(false, 'idle', false, 'none').state]).toEqual(['open', 'open'])
  })
})

describe('the verdict', () => {
  const finding = (state: Finding['state']): Finding => ({ key: 'x', state, word: 'ok', facts: {} })
  it('waits for everything, then tells the worst', () => {
    expect(verdictOf([finding('ok'), finding('wait'), finding('fail')])).toEqual({ word: 'going', left: 1, bad: 1 })
    expect(verdictOf([finding('ok'), finding('fail')]).word).toBe('unfit')
    expect(verdictOf([finding('ok'), finding('open')]).word).toBe('fit')
  })
})

describe('words', () => {
  const all: Finding[] = [
    browserFinding(CHROME, whole), browserFinding(CHROME, { ...whole, secure: false }), browserFinding(CHROME, { ...whole, signing: false }), clockFinding(0), clockFinding(1e6), clockFinding(-1e6),
    networkFinding([1]), networkFinding([1e4]), networkFinding([]), socketFinding(true), socketFinding(false), screenFinding(1, 1), screenFinding(700, 1), screenFinding(2000, 1),
    ...([true, false, null] as const).flatMap((one) => [answerFinding('text', one), answerFinding('sound', one)]), ...(['idle', 'asking', 'on', 'denied', 'missing', 'busy'] as const).flatMap((one) => [cameraFinding(true, one, 99), microphoneFinding(true, one, true, 0)]), cameraFinding(true, 'on', 0), cameraFinding(false, 'idle', null),
    microphoneFinding(false, 'idle', false, 0), microphoneFinding(true, 'on', false, 0), microphoneFinding(true, 'on', false, SILENCE_MS), othersFinding(false, 'idle', false, 'none'), ...(['none', 'pixelated', 'silhouette'] as const).map((mask) => othersFinding(true, 'on', true, mask)),
    ...['browser', 'clock', 'network', 'socket'].map((key): Finding => ({ key, state: 'run', word: 'run', facts: {} })), { key: 'clock', state: 'fail', word: 'none', facts: {} },
  ]
  it.each([['zh-CN', zh], ['en', en]] as const)('stand in %s for every finding', (_, file) => {
    const rows = file.device.row as Record<string, Record<string, string>>
    expect(all.filter((one) => !rows[one.key]?.[one.word] || !rows[one.key]?.name).map((one) => `${one.key}.${one.word}`)).toEqual([])
  })
})
