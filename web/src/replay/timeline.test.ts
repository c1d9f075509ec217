import { describe, expect, it } from 'vitest'
import type { RoomLogEntry } from '@/api/shapes'
import { columns, gapsOf, height, joined, levelsOf, nextMark, phasesOf, segmentAt, sorted, speakerAt, ticksOf, timelineOf, type Recording, type Segment } from './timeline'

const START = Date.parse('2026-12-01T07:30:00Z')
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()
let index = 0
const fact = (seconds: number, type: string, facts: Record<string, unknown> = {}): RoomLogEntry => ({ index: (index += 1), seq: index, type, at: at(seconds), facts })
const segment = (who: string, track: Segment['track'], from: number, to: number, levels = ''): Segment => ({ who, track, publication: '0'.repeat(16), number: 1, started_at: at(from), ended_at: at(to), size: 1, packets: 1, lost: 0, ending: 'rolled', levels })
const recording = (change: Partial<Recording> = {}): Recording => ({ evaluation_id: 'ev', segments: [], gaps: [], alarms: [], dark: [], presence: [], pages: [], coverage: [], openings: [], ...change })
const hex = (...dbov: number[]): string => dbov.map((one) => one.toString(16).padStart(2, '0')).join('')

const LOG = [
  fact(-600, 'room.planned'),
  fact(0, 'room.phase_entered', { phase: 'check_in' }),
  fact(30, 'room.checked_in', { seat: 'e1' }),
  fact(60, 'room.phase_entered', { phase: 'scoring' }),
  fact(90, 'room.paused'),
  fact(120, 'room.interference_reported', { seat: 'e2' }),
  fact(240, 'room.phase_entered', { phase: 'closed' }),
]

describe('a timeline', () => {
  it('runs from the first who is there to the end, whatever came before', () => {
    const found = timelineOf(LOG, recording(), ['e1', 'e2'], START + 9e9)!
    expect([found.from - START, found.to - START]).toEqual([30_000, 240_000])
    expect(found.phases.map((one) => [one.phase, (one.from - START) / 1000, (one.to - START) / 1000])).toEqual([['check_in', 30, 60], ['scoring', 60, 240]])
    expect(found.marks.some((one) => one.type === 'room.planned')).toBe(false)
  })

  it('is as long as the recording where that is longer, and ends now while the room is open', () => {
    expect(timelineOf(LOG, recording({ segments: [segment('e1', 'mic', -5, 250)] }), [], 0)).toMatchObject({ from: START - 5000, to: START + 250_000 })
    expect(timelineOf(LOG.slice(0, -1), recording(), [], START + 500_000)!.to).toBe(START + 500_000)
  })

  it('is none before the room has begun', () => {
    expect(timelineOf(LOG.slice(0, 2), recording(), [], START)).toBeNull()
    expect(timelineOf(LOG.slice(0, 3), recording(), [], START)).not.toBeNull()
  })

  it('gives every seat a lane, recorded or not, the clerk last', () => {
    expect(timelineOf(LOG, recording({ segments: [segment('clerk', 'mic', 0, 9), segment('e10', 'mic', 0, 9)] }), ['o1', 'e2'], START)!.lanes.map((one) => one.who)).toEqual(['e2', 'e10', 'o1', 'clerk'])
    expect(sorted(['clerk', 'o1', 'e2', 'e1', 'e2'])).toEqual(['e1', 'e2', 'o1', 'clerk'])
  })

  it('shows what is missing as bands and as moments', () => {
    const found = timelineOf(LOG, recording({
      gaps: [{ who: 'e1', track: 'face', from_at: at(10), to_at: at(20), ground: 'network' }],
      dark: [{ who: 'e1', from_at: at(12), to_at: null }],
      presence: [{ seat: 'e2', at: at(70), after_seconds: null, missed: true }, { seat: 'e2', at: at(80), after_seconds: 4, missed: false }],
    }), ['e1', 'e2'], START)!
    expect(found.lanes[0]!.bands).toEqual([{ kind: 'gap', from: START + 10_000, to: START + 20_000, ground: 'network' }, { kind: 'dark', from: START + 12_000, to: START + 240_000, ground: '' }])
    expect(found.marks.filter((one) => one.kind === 'alarm').map((one) => one.type)).toEqual(['media.gap', 'media.went_dark', 'media.presence_missed', 'room.interference_reported'])
    expect(found.marks.find((one) => one.type === 'media.presence_shown')).toMatchObject({ kind: 'note', who: 'e2' })
  })

  it('tells a cut of all tracks once', () => {
    const cut = (track: Segment['track'], from: number, to: number) => ({ who: 'e1', track, from_at: at(from), to_at: at(to), ground: 'network' as const })
    const found = gapsOf(recording({ gaps: [cut('mic', 11, 20), cut('face', 10, 19), cut('face', 50, 60), { ...cut('face', 10, 20), who: 'e2' }] }))
    expect(found.map((one) => [one.who, (one.from - START) / 1000, (one.to - START) / 1000, one.tracks.join()])).toEqual([['e1', 10, 20, 'face,mic'], ['e2', 10, 20, 'face'], ['e1', 50, 60, 'face']])
  })

  it('shows how far into a document somebody was', () => {
    const view = (seat: string, page: number, from: number) => ({ seat, document: 'd1', page, from_at: at(from), seconds: 10 })
    const found = timelineOf(LOG, recording({ pages: [view('e1', 1, 70), view('e1', 3, 80), view('e2', 5, 80)] }), ['e1', 'e2'], START)!
    expect(found.lanes.map((one) => one.pages.map((each) => [(each.from - START) / 1000, (each.to - START) / 1000, each.height]))).toEqual([[[70, 80, 0], [80, 90, 0.5]], [[80, 90, 1]]])
  })

  it('follows a room that goes back to scoring', () => {
    const phases = phasesOf([fact(0, 'room.phase_entered', { phase: 'summary' }), fact(5, 'room.phase_entered', { phase: 'scoring' })], START + 9000)
    expect(phases.map((one) => [one.phase, one.to - one.from])).toEqual([['summary', 5000], ['scoring', 4000]])
  })
})

describe('loudness', () => {
  it('is a height between silence and shouting', () => {
    expect([height(0), height(35), height(70), height(127)]).toEqual([1, 0.5, 0, 0])
  })

  it('stands at its second, from the raw sound where there is one, and nowhere else', () => {
    const levels = levelsOf([segment('e1', 'mic', 2, 4, hex(0, 35)), segment('e1', 'voice', 0, 4, hex(7, 7, 7, 7))], START, START + 6000)
    expect([...levels].map((one) => (Number.isNaN(one) ? null : one))).toEqual([null, null, 1, 0.5, null, null])
  })

  it('is drawn by the loudest second of each column', () => {
    const drawn = columns(Float32Array.from([0.1, 0.9, Number.NaN, Number.NaN, 0.2, Number.NaN]), 3)
    expect([...drawn].map((one) => (Number.isNaN(one) ? null : Math.round(one * 10)))).toEqual([9, null, 2])
    expect(columns(Float32Array.from([0.5]), 4).filter((one) => one === 0.5)).toHaveLength(4)
  })

  it('tells who speaks, and nobody while all murmur', () => {
    const lanes = [{ who: 'e1', levels: Float32Array.from([0.2, 0.2, 0.9]), recorded: [], bands: [], pages: [] }, { who: 'e2', levels: Float32Array.from([0.3, Number.NaN, 0.5]), recorded: [], bands: [], pages: [] }]
    expect(speakerAt(lanes, START, START + 2500)).toBe('e1')
    expect(speakerAt(lanes, START, START)).toBeNull()
  })
})

describe('the way through', () => {
  const marks = timelineOf(LOG, recording(), [], START)!.marks
  it('stops at what is odd, and at steps where nothing odd is left', () => {
    expect(nextMark(marks, START, 1)!.type).toBe('room.paused')
    expect(nextMark(marks, START + 90_000, 1)!.type).toBe('room.interference_reported')
    expect(nextMark(marks, START + 120_000, 1)!.facts.phase).toBe('closed')
    expect(nextMark(marks, START + 120_000, -1)!.type).toBe('room.paused')
    expect(nextMark(marks, START, -1)).toBeNull()
  })

  it('finds the segment under an instant; its end belongs to the next', () => {
    const two = [segment('e1', 'face', 0, 30), { ...segment('e1', 'face', 30, 60), number: 2 }]
    expect([0, 29, 30, 59].map((s) => segmentAt(two, 'e1', 'face', START + s * 1000)?.number)).toEqual([1, 1, 2, 2])
    expect([-1, 60].map((s) => segmentAt(two, 'e1', 'face', START + s * 1000))).toEqual([null, null])
    expect(segmentAt(two, 'e2', 'face', START)).toBeNull()
  })

  it('has few round instants on its scale', () => {
    expect(ticksOf(START, START + 4 * 60_000).map((one) => (one - START) / 1000)).toEqual([0, 30, 60, 90, 120, 150, 180, 210, 240])
    expect(ticksOf(START + 1, START + 10 * 3600_000).length).toBeLessThanOrEqual(9)
  })

  it('joins what touches', () => {
    expect(joined([{ from: 30_000, to: 60_000 }, { from: 0, to: 29_500 }, { from: 70_000, to: 80_000 }])).toEqual([{ from: 0, to: 60_000 }, { from: 70_000, to: 80_000 }])
  })
})
