/** A room that is over, laid out on one scale of time: phases, events, sound, what is recorded and what is missing. Pure; times are ms since 1970. */
import type { components } from '@/contract/openapi'
import type { RoomLogEntry } from '@/api/shapes'

export type Recording = components['schemas']['RecordingOut']
export type Segment = components['schemas']['SegmentOut']
export type Opening = components['schemas']['OpeningOut']
export type Track = Segment['track']

export interface Span {
  from: number
  to: number
}
export interface PhaseSpan extends Span {
  phase: string
}
/** A moment worth a look. `alarm`: something is missing or wrong; `note`: unusual; `step`: the procedure's own. */
export interface Mark {
  at: number
  kind: 'step' | 'note' | 'alarm'
  /** Key of an event of the catalogue. */
  type: string
  facts: Record<string, unknown>
  who: string | null
  index: number | null
}
/** A stretch of a lane: `gap` nothing recorded although it should be, `dark` neither seen nor heard. */
export interface Band extends Span {
  kind: 'gap' | 'dark'
  ground: string
}
export interface Lane {
  who: string
  /** One value a second from the timeline's start: 0 silence … 1 loud; NaN where no sound is recorded. */
  levels: Float32Array
  recorded: Span[]
  bands: Band[]
  /** Pages that were on the screen; `height` 0 the first page of the document … 1 the last that anybody opened. */
  pages: (Span & { height: number })[]
}
export interface Timeline extends Span {
  phases: PhaseSpan[]
  marks: Mark[]
  lanes: Lane[]
  alarms: (Span & { kind: string })[]
}

const ms = (at: string): number => Date.parse(at)
const QUIETEST = 70

/** -dBov 0 (loud) … 127 as a height: half of what is heard lies above 0.5. */
export function height(dbov: number): number {
  return Math.max(0, 1 - dbov / QUIETEST)
}

const TOGETHER_MS = 3000
const NOTES = ['room.paused', 'room.resumed', 'room.time_asked', 'room.sheet_returned', 'room.report_dissented', 'room.seat_replaced', 'room.handed_over']
const ALARMS = ['room.interference_reported', 'room.stopped', 'room.seat_voided']

function kindOf(type: string): Mark['kind'] {
  return ALARMS.includes(type) ? 'alarm' : NOTES.includes(type) ? 'note' : 'step'
}

/** Phases from the log: each lasts until the next is entered, the last until the end. */
export function phasesOf(log: readonly RoomLogEntry[], end: number): PhaseSpan[] {
  const entered = log.filter((one) => one.type === 'room.phase_entered').map((one) => ({ phase: String(one.facts.phase), from: ms(one.at) }))
  return entered.map((one, n) => ({ ...one, to: entered[n + 1]?.from ?? Math.max(end, one.from) })).filter((one) => one.phase !== 'closed' && one.to > one.from)
}

/** Gaps of one person that begin together are one: a cut cable takes all tracks. */
export function gapsOf(recording: Recording): (Span & { who: string; ground: string; tracks: Track[] })[] {
  const found: (Span & { who: string; ground: string; tracks: Track[] })[] = []
  for (const one of [...recording.gaps].sort((a, b) => ms(a.from_at) - ms(b.from_at))) {
    const [from, to] = [ms(one.from_at), ms(one.to_at)]
    const same = found.find((other) => other.who === one.who && from - other.from < TOGETHER_MS)
    if (same) {
      same.to = Math.max(same.to, to)
      same.tracks.push(one.track)
    } else found.push({ from, to, who: one.who, ground: one.ground, tracks: [one.track] })
  }
  return found
}

/** Everything to look at, in order: the log's facts and what the recording noticed. */
export function marksOf(log: readonly RoomLogEntry[], recording: Recording): Mark[] {
  const marks: Mark[] = log.map((one) => ({ at: ms(one.at), kind: kindOf(one.type), type: one.type, facts: one.facts, who: typeof one.facts.seat === 'string' ? one.facts.seat : null, index: one.index }))
  for (const one of gapsOf(recording)) marks.push({ at: one.from, kind: 'alarm', type: 'media.gap', facts: { track: one.tracks, ground: one.ground }, who: one.who, index: null })
  for (const one of recording.dark) marks.push({ at: ms(one.from_at), kind: 'alarm', type: 'media.went_dark', facts: {}, who: one.who, index: null })
  for (const one of recording.alarms) marks.push({ at: ms(one.began_at), kind: 'alarm', type: 'media.recorder_alarmed', facts: { kind: one.kind }, who: null, index: null })
  for (const one of recording.presence) {
    const type = one.missed ? 'media.presence_missed' : one.after_seconds === null ? 'media.presence_asked' : 'media.presence_shown'
    marks.push({ at: ms(one.at), kind: one.missed ? 'alarm' : 'note', type, facts: { seconds: one.after_seconds }, who: one.seat, index: null })
  }
  return marks.sort((a, b) => a.at - b.at)
}

/** Loudness by the second over all audio segments of somebody; where two tracks hold the same sound, the raw one counts. */
export function levelsOf(segments: readonly Segment[], from: number, to: number): Float32Array {
  const levels = new Float32Array(Math.max(0, Math.ceil((to - from) / 1000))).fill(Number.NaN)
  const raw = segments.some((one) => one.track === 'mic') ? 'mic' : 'voice'
  for (const one of segments) {
    if (one.track !== raw) continue
    const first = Math.round((ms(one.started_at) - from) / 1000)
    for (let n = 0; n < one.levels.length / 2; n += 1) {
      if (first + n >= 0 && first + n < levels.length) levels[first + n] = height(Number.parseInt(one.levels.slice(2 * n, 2 * n + 2), 16))
    }
  }
  return levels
}

/** Spans joined where they touch or overlap; holes up to `slack` ms are no holes. */
export function joined(spans: readonly Span[], slack = 1000): Span[] {
  const found: Span[] = []
  for (const one of [...spans].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1)
    if (last && one.from <= last.to + slack) last.to = Math.max(last.to, one.to)
    else found.push({ from: one.from, to: one.to })
  }
  return found
}

function laneOf(who: string, recording: Recording, scale: Span): Lane {
  const mine = recording.segments.filter((one) => one.who === who)
  const last = new Map<string, number>()
  for (const one of recording.pages) last.set(one.document, Math.max(last.get(one.document) ?? 2, one.page))
  return {
    who,
    levels: levelsOf(mine, scale.from, scale.to),
    recorded: joined(mine.map((one) => ({ from: ms(one.started_at), to: ms(one.ended_at) }))),
    bands: [
      ...gapsOf(recording).filter((one) => one.who === who).map((one) => ({ kind: 'gap' as const, from: one.from, to: one.to, ground: one.ground })),
      ...recording.dark.filter((one) => one.who === who).map((one) => ({ kind: 'dark' as const, from: ms(one.from_at), to: one.to_at ? ms(one.to_at) : scale.to, ground: '' })),
    ],
    pages: recording.pages.filter((one) => one.seat === who).map((one) => ({ from: ms(one.from_at), to: ms(one.from_at) + one.seconds * 1000, height: (one.page - 1) / (last.get(one.document)! - 1) })),
  }
}

/** Seats in their order, the clerk last. */
export function sorted(people: Iterable<string>): string[] {
  const rank = (who: string): [number, number] => [who === 'clerk' ? 2 : who.startsWith('o') ? 1 : 0, Number(who.slice(1)) || 0]
  return [...new Set(people)].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])
}

/** What begins a room for who looks back: somebody is there. A room may stand ready for hours before. */
const BEGINNINGS = ['room.checked_in', 'room.stopped']

/** Lays a room out. `now` ends what has not ended. */
export function timelineOf(log: readonly RoomLogEntry[], recording: Recording, seats: readonly string[], now: number): Timeline | null {
  const entered = log.find((one) => one.type === 'room.phase_entered')
  const begun = log.find((one) => BEGINNINGS.includes(one.type) || (one.type === 'room.phase_entered' && one !== entered))
  if (!entered || (!begun && !recording.segments.length)) return null
  const over = log.find((one) => one.type === 'room.stopped' || (one.type === 'room.phase_entered' && one.facts.phase === 'closed'))
  const ends = recording.segments.map((one) => ms(one.ended_at))
  const from = Math.floor(Math.min(...(begun ? [ms(begun.at)] : []), ...recording.segments.map((one) => ms(one.started_at))) / 1000) * 1000
  const to = Math.max(from + 60_000, over ? ms(over.at) : now, ...ends)
  const inside = log.filter((one) => ms(one.at) >= from)
  return {
    from,
    to,
    phases: phasesOf(log, to).filter((one) => one.to > from).map((one) => ({ ...one, from: Math.max(one.from, from) })),
    marks: marksOf(inside, recording).filter((one) => one.at <= to),
    lanes: sorted([...seats, ...recording.segments.map((one) => one.who)]).map((who) => laneOf(who, recording, { from, to })),
    alarms: recording.alarms.map((one) => ({ kind: one.kind, from: ms(one.began_at), to: one.ended_at ? ms(one.ended_at) : to })),
  }
}

/** The segment of a track that holds an instant. */
export function segmentAt(segments: readonly Segment[], who: string, track: Track, at: number): Segment | null {
  return segments.find((one) => one.who === who && one.track === track && ms(one.started_at) <= at && at < ms(one.ended_at)) ?? null
}

/** The next mark worth stopping at behind an instant (or before it), steps of the procedure only where nothing else is left. */
export function nextMark(marks: readonly Mark[], at: number, direction: 1 | -1): Mark | null {
  const beyond = marks.filter((one) => (direction === 1 ? one.at > at + 500 : one.at < at - 500))
  const odd = beyond.filter((one) => one.kind !== 'step')
  const some = odd.length ? odd : beyond
  return (direction === 1 ? some[0] : some.at(-1)) ?? null
}

const LOUD = 0.35

/** Who speaks at an instant: the loudest above a murmur, over that second and its neighbours. */
export function speakerAt(lanes: readonly Lane[], from: number, at: number): string | null {
  const second = Math.floor((at - from) / 1000)
  let best: { who: string; level: number } | null = null
  for (const lane of lanes) {
    const near = [second - 1, second, second + 1].map((n) => lane.levels[n]).filter((one): one is number => one !== undefined && !Number.isNaN(one))
    const level = near.length ? Math.max(...near) : 0
    if (level >= LOUD && level > (best?.level ?? 0)) best = { who: lane.who, level }
  }
  return best?.who ?? null
}

const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((s) => s * 1000)

/** Round instants for the scale, at most `most` of them. */
export function ticksOf(from: number, to: number, most = 9): number[] {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? STEPS.at(-1)!
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, n) => first + n * step)
}

/** The loudest second under each of `width` columns of the picture; NaN where nothing is recorded. */
export function columns(levels: Float32Array, width: number): Float32Array {
  const found = new Float32Array(width).fill(Number.NaN)
  for (let x = 0; x < width; x += 1) {
    const first = Math.floor((x * levels.length) / width)
    const last = Math.max(first + 1, Math.floor(((x + 1) * levels.length) / width))
    for (let n = first; n < last && n < levels.length; n += 1) {
      const level = levels[n]!
      if (!Number.isNaN(level) && !(found[x]! >= level)) found[x] = level
    }
  }
  return found
}
