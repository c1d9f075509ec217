/** Is this machine fit for the room? Each measured fact to a state and words; pure, so that a table of cases can hold it. */

export type State = 'wait' | 'run' | 'ok' | 'fail' | 'open'
/** `open`: nothing is wrong, but it cannot or need not be tried here. */
export interface Finding { key: string; state: State; /** Suffix of the locale key of the sentence. */ word: string; facts: Record<string, string | number> }

/** Oldest versions that have all that the room needs (Ed25519, X25519). */
export const LEAST = { Chromium: 137, Firefox: 130, Safari: 17 } as const
export type Family = keyof typeof LEAST

/** The engine's name and major version out of the words a browser says of itself. */
export function browserOf(agent: string): { family: Family; version: number } | null {
  const found = ([['Firefox', /Firefox\/(\d+)/], ['Chromium', /Chrom(?:e|ium)\/(\d+)/], ['Safari', /Version\/(\d+)[\d.]* .*Safari\//]] as const).map(([family, pattern]) => ({ family, version: Number(pattern.exec(agent)?.[1] ?? Number.NaN) })).find((one) => !Number.isNaN(one.version))
  return found ?? null
}

export interface Features { secure: boolean; signing: boolean; sealing: boolean; sockets: boolean }

export function browserFinding(agent: string, has: Features): Finding {
  const seen = browserOf(agent)
  const facts = { name: seen ? (seen.family === 'Chromium' && agent.includes('Edg/') ? 'Edge' : seen.family === 'Chromium' ? 'Chrome' : seen.family) : '?', version: seen?.version ?? '?', ...LEAST }
  const about = (state: State, word: string): Finding => ({ key: 'browser', state, word, facts })
  if (!has.secure) return about('fail', 'not_secure')
  if (!has.signing || !has.sealing || !has.sockets) return about('fail', 'too_old')
  return about('ok', 'ok')
}

/** Half a minute off is seen by people; two minutes off makes sign-in codes and signatures look wrong. */
export const SKEW_OK_SECONDS = 30
export function clockFinding(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return { key: 'clock', state: seconds <= SKEW_OK_SECONDS ? 'ok' : 'fail', word: seconds <= SKEW_OK_SECONDS ? 'ok' : skewMs > 0 ? 'slow' : 'fast', facts: { seconds } }
}

/** The middle of several round trips; one slow one is no verdict. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
export const SLOW_MS = 400
export function networkFinding(tripsMs: readonly number[]): Finding {
  if (!tripsMs.length) return { key: 'network', state: 'fail', word: 'none', facts: { ms: 0 } }
  const ms = Math.round(median(tripsMs))
  return { key: 'network', state: ms <= SLOW_MS ? 'ok' : 'fail', word: ms <= SLOW_MS ? 'ok' : 'slow', facts: { ms } }
}

export const socketFinding = (opened: boolean): Finding => ({ key: 'socket', state: opened ? 'ok' : 'fail', word: opened ? 'ok' : 'blocked', facts: {} })

/** Document beside sheet needs this width; a telephone is right for the invitation alone. */
export const ROOM_WIDTH = 1100
export const PHONE_WIDTH = 600
export function screenFinding(width: number, height: number): Finding {
  const word = width >= ROOM_WIDTH ? 'ok' : width >= PHONE_WIDTH ? 'narrow' : 'phone'
  return { key: 'screen', state: word === 'ok' ? 'ok' : word === 'narrow' ? 'open' : 'fail', word, facts: { width, height } }
}

/** What only the person can tell: can you read it, did you hear it. */
export const answerFinding = (key: 'text' | 'sound', answer: boolean | null): Finding => ({ key, state: answer === null ? 'wait' : answer ? 'ok' : 'fail', word: answer === null ? 'ask' : answer ? 'ok' : 'no', facts: {} })

export type Camera = 'idle' | 'asking' | 'on' | 'denied' | 'missing' | 'busy'
const GIVEN = (key: string, ok: string): Record<Camera, Finding> => {
  const about = (state: State, word: string): Finding => ({ key, state, word, facts: {} })
  return { idle: about('wait', 'ask'), asking: about('run', 'asking'), on: about('ok', ok), denied: about('fail', 'denied'), missing: about('fail', 'missing'), busy: about('fail', 'busy') }
}
const notSecure = (key: string): Finding => ({ key, state: 'open', word: 'not_secure', facts: {} })

/** Mean brightness below which a picture is taken for a covered lens, 0 to 255. */
export const DARK = 14
/** `bright`: mean brightness of the picture, null while none has come. */
export function cameraFinding(secure: boolean, camera: Camera, bright: number | null): Finding {
  if (!secure) return notSecure('camera')
  if (camera !== 'on') return GIVEN('camera', 'ok')[camera]
  if (bright === null) return { key: 'camera', state: 'run', word: 'asking', facts: {} }
  return bright < DARK ? { key: 'camera', state: 'fail', word: 'dark', facts: {} } : GIVEN('camera', 'ok').on
}

/** Loudness from which a voice was heard, 0 to 1, and how long a silence is borne. */
export const HEARD = 0.02
export const SILENCE_MS = 15_000
export function microphoneFinding(secure: boolean, microphone: Camera, heard: boolean, silentMs: number): Finding {
  if (!secure) return notSecure('microphone')
  if (microphone !== 'on') return GIVEN('microphone', 'ok')[microphone]
  if (heard) return GIVEN('microphone', 'ok').on
  return silentMs >= SILENCE_MS ? { key: 'microphone', state: 'fail', word: 'silent', facts: {} } : { key: 'microphone', state: 'wait', word: 'speak', facts: {} }
}

/** The person has seen how the others see them; without a camera there is nothing to see. */
export function othersFinding(secure: boolean, camera: Camera, seen: boolean, mask: 'none' | 'pixelated' | 'silhouette'): Finding {
  const usable = secure && !['denied', 'missing', 'busy'].includes(camera)
  return { key: 'others', state: !usable ? 'open' : seen ? 'ok' : 'wait', word: usable ? mask : 'no_camera', facts: {} }
}

/** Why a browser gave no camera, from the name of its error. */
export const cameraFault = (name: string): Camera => (name === 'NotAllowedError' || name === 'SecurityError' ? 'denied' : name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy')

export interface Verdict { word: 'fit' | 'unfit' | 'going'; left: number; bad: number }
/** One sentence for the top of the page. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const left = findings.filter((one) => one.state === 'wait' || one.state === 'run').length
  const bad = findings.filter((one) => one.state === 'fail').length
  return { word: left ? 'going' : bad ? 'unfit' : 'fit', left, bad }
}
