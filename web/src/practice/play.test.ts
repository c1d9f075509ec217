import { beforeAll, describe, expect, it } from 'vitest'
import { canon } from '@/draw/canon'
import { toHex } from '@/draw/bytes'
import { stepOf } from '@/room/commands'
import { apply, emptyView } from '@/room/fold'
import { commitmentOf, matchesCommitment, seal } from '@/room/sealing'
import type { Command, Mark, OpenedSheet, RoomEvent, RoomView, Sheet } from '@/room/types'
import { freshKey, open, type ToyKey } from './opening'
import { decide, follow, opening, type Hashes } from './play'
import { BIDDERS, CRITERIA, criteriaHash, EVALUATION, FAVOURITE, marksOf, ME, OTHERS } from './toy'

const REPORT = { sha256: 'ab'.repeat(32), size: 1 }
let key: ToyKey
let hashes: Hashes
let others: OpenedSheet[]

beforeAll(async () => {
  key = await freshKey()
  hashes = { criteria: await criteriaHash(), undertaking: 'cd'.repeat(32), openingKey: key.publicHex }
  others = await Promise.all(
    OTHERS.map(async (seat, index) => {
      const sheet: Sheet = { v: 1, evaluation_id: EVALUATION, seat, criteria_sha256: hashes.criteria, marks: marksOf(seat) }
      const salt = crypto.getRandomValues(new Uint8Array(32))
      return { seat, index, salt: toHex(salt), sheet, commitment: toHex(await commitmentOf(salt, canon(sheet))) }
    }),
  )
})

class Play {
  view: RoomView = emptyView()
  opened = others
  constructor() {
    this.tell(opening('2026-11-27T01:00:00Z', hashes))
  }
  tell(events: readonly RoomEvent[]): void {
    for (const event of events) this.view = apply(this.view, { seq: this.view.seq + 1, index: this.view.seq, at: '2026-11-27T01:00:00Z', event })
  }
  /** The others act until the room waits for the member. */
  settle(): this {
    for (let next = follow(this.view, this.opened, REPORT); next; next = follow(this.view, this.opened, REPORT)) this.tell(next)
    return this
  }
  say(command: Command): this {
    this.tell(decide(this.view, command, hashes))
    return this.settle()
  }
  get step(): string {
    return stepOf(this.view, this.view.seats.find((one) => one.seat === ME) ?? null)
  }
  toScoring(): this {
    return this.settle().say({ type: 'room.check_in' }).say({ type: 'room.sign_undertaking', text_sha256: hashes.undertaking })
      .say({ type: 'room.declare_recusal', answers: BIDDERS.map(({ id }) => ({ bidder: id, conflict: false, ground: '' })) })
      .say({ type: 'room.vote', round: 1, choice: 'e5' })
  }
  async seals(marks: Mark[]): Promise<this> {
    const sheet: Sheet = { v: 1, evaluation_id: EVALUATION, seat: ME, criteria_sha256: hashes.criteria, marks }
    const sealed = await seal(sheet, key.publicHex)
    const mine = await open(ME, 4, sealed.commitment, sealed.envelope, key)
    expect(await matchesCommitment(mine)).toBe(true)
    this.opened = [...others, mine].sort((a, b) => a.seat.localeCompare(b.seat))
    return this.say({ type: 'room.submit_sheet', ...sealed })
  }
}

describe('a practice evaluation', () => {
  it('has criteria that add up to a hundred, and others who keep to them', () => {
    expect(CRITERIA.criteria.reduce((all, one) => all + Number(one.max), Number(CRITERIA.price_weight))).toBe(100)
    for (const seat of OTHERS) for (const mark of marksOf(seat)) {
      const item = CRITERIA.criteria.find((one) => one.id === mark.criterion)!
      expect(Number(mark.score)).toBeLessThanOrEqual(Number(item.max))
      expect(Number(mark.score) % Number(item.step)).toBe(0)
    }
  })

  it('goes from check-in to the closed room, waiting for the member at each step', async () => {
    const play = new Play().settle()
    expect(play.step).toBe('check_in')
    play.say({ type: 'room.check_in' })
    expect(play.step).toBe('undertaking')
    play.say({ type: 'room.sign_undertaking', text_sha256: hashes.undertaking })
    expect(play.step).toBe('recusal')
    play.say({ type: 'room.declare_recusal', answers: BIDDERS.map(({ id }) => ({ bidder: id, conflict: false, ground: '' })) })
    expect(play.step).toBe('leader')
    play.say({ type: 'room.vote', round: 1, choice: ME })
    expect([play.step, play.view.leader]).toEqual(['scoring', FAVOURITE])
    expect(play.view.sheets).toEqual([])
    await play.seals(marksOf('e1'))
    expect(play.step).toBe('report')
    expect(play.view.results?.ranking.map((one) => one.bidder)).toEqual(['a', 'b'])
    play.say({ type: 'room.sign_report', report_sha256: REPORT.sha256 })
    expect([play.step, play.view.phase, play.view.report?.completed_sha256]).toEqual(['closed', 'closed', REPORT.sha256])
  })

  it('asks about an odd sheet and goes on when every question is answered', async () => {
    const odd = marksOf('e1').map((one) => (one.bidder === 'b' && one.criterion === 'record' ? { ...one, score: '10' } : one.bidder === 'a' && one.criterion === 'plan' ? { ...one, score: '10' } : one))
    const play = await new Play().toScoring().seals(odd)
    expect([play.step, play.view.open_flags]).toEqual(['summary', [`outlier/a/plan/${ME}`, 'objective_mismatch/b/record']])
    play.say({ type: 'room.explain_score', bidder: 'a', criterion: 'plan', reason: '工期不可行' })
    play.say({ type: 'room.amend_score', bidder: 'b', criterion: 'record', score: '0', reason: '再看' })
    expect(play.view.open_flags).toEqual(['objective_mismatch/b/record'])
    play.say({ type: 'room.amend_score', bidder: 'b', criterion: 'record', score: '5', reason: '漏看证明' })
    expect([play.step, play.view.amended.map((one) => one.before)]).toEqual(['report', ['10', '0']])
  })

  it('ends for the member who declares an interest, then or later', () => {
    const early = new Play().settle().say({ type: 'room.check_in' }).say({ type: 'room.sign_undertaking', text_sha256: hashes.undertaking })
      .say({ type: 'room.declare_recusal', answers: BIDDERS.map(({ id }) => ({ bidder: id, conflict: id === 'a', ground: '曾任职' })) })
    expect(early.step).toBe('void')
    expect(new Play().toScoring().say({ type: 'room.recuse', bidder: 'b', ground: '曾任职' }).step).toBe('void')
  })

  it('refuses what no member may do, and leaves everything as it was', () => {
    const play = new Play().toScoring()
    const before = play.view
    expect(() => play.say({ type: 'room.pause', ground: 'other', note: '' })).toThrow('room.not_permitted')
    expect(play.view).toBe(before)
  })

  it('does not open an envelope that was changed', async () => {
    const sheet: Sheet = { v: 1, evaluation_id: EVALUATION, seat: ME, criteria_sha256: hashes.criteria, marks: marksOf('e1') }
    const { commitment, envelope } = await seal(sheet, key.publicHex)
    await expect(open(ME, 4, commitment, { ...envelope, ct: `00${envelope.ct.slice(2)}` === envelope.ct ? `01${envelope.ct.slice(2)}` : `00${envelope.ct.slice(2)}` }, key)).rejects.toThrow()
    await expect(open(ME, 4, 'ee'.repeat(32), envelope, key)).rejects.toThrow()
  })
})
