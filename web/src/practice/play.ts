/** What a command makes true in the toy room, and what the other members do next. Pure; the events are the room's own. */
import { RoomRefusal } from '@/room/connection'
import type { Command, OpenedSheet, RoomEvent, RoomView } from '@/room/types'
import { flagsOf, resultsOf, type Scored } from './sums'
import { BIDDERS, CRITERIA, DOCUMENTS, EVALUATION, FAVOURITE, ME, OTHERS, PLACE, PROJECT, SEATS, TITLE, UNDERTAKING } from './toy'

export interface Hashes { criteria: string; undertaking: string; openingKey: string }
export interface Report { sha256: string; size: number }

const seatOf = (view: RoomView, seat: string) => view.seats.find((one) => one.seat === seat)!
const scored = (view: RoomView): Scored => ({ criteria: CRITERIA, bidders: BIDDERS, sheets: view.sheets, amended: view.amended })

/** The room as the member finds it on arrival. */
export function opening(at: string, hashes: Hashes): RoomEvent[] {
  return [
    { type: 'room.planned', evaluation_id: EVALUATION, starts_at: at, place: PLACE },
    { type: 'room.made_ready', digest: hashes.criteria, opening_key: hashes.openingKey, seats: [...SEATS] },
    { type: 'room.phase_entered', phase: 'check_in', by: 'system' },
  ]
}

/** Flags that are still open after one of them was amended. */
function stillOpen(view: RoomView, answered: { bidder: string; criterion: string; after?: string }): string[] {
  const here = (id: string): boolean => {
    const flag = view.flags.find((one) => one.id === id)!
    if (flag.bidder !== answered.bidder || flag.criterion !== answered.criterion) return false
    if (flag.kind === 'outlier') return flag.seat === ME
    return flag.values.every((one) => one.seat === ME || one.score === answered.after)
  }
  return view.open_flags.filter((id) => !here(id))
}

/**
 * The events of a member's command.
 *
 * @throws RoomRefusal as the room would refuse it; nothing has changed then.
 */
export function decide(view: RoomView, command: Command, hashes: Hashes): RoomEvent[] {
  switch (command.type) {
    case 'room.check_in':
      return [
        { type: 'room.checked_in', seat: ME },
        { type: 'room.brief_shown', title: TITLE, project: PROJECT, criteria: CRITERIA, criteria_sha256: hashes.criteria, undertaking: UNDERTAKING, undertaking_sha256: hashes.undertaking },
      ]
    case 'room.sign_undertaking':
      return [{ type: 'room.undertaking_signed', seat: ME }, { type: 'room.bidders_shown', bidders: BIDDERS.map(({ id, name }) => ({ id, name })) }]
    case 'room.declare_recusal':
      return command.answers.some((one) => one.conflict)
        ? [{ type: 'room.recusal_declared', seat: ME, answers: command.answers }, { type: 'room.seat_voided', seat: ME, ground: 'declared_conflict' }]
        : [{ type: 'room.recusal_declared', seat: ME, answers: command.answers }, { type: 'room.documents_shown', documents: DOCUMENTS }]
    case 'room.recuse':
      return [{ type: 'room.seat_voided', seat: ME, ground: 'declared_conflict' }]
    case 'room.vote':
      return [{ type: 'room.ballot_cast', seat: ME, round: command.round, choice: command.choice }]
    case 'room.save_draft':
      return []
    case 'room.submit_sheet':
      return [{ type: 'room.sheet_sealed', seat: ME, commitment: command.commitment }]
    case 'room.amend_score': {
      const before = view.amended.filter((one) => one.seat === ME && one.bidder === command.bidder && one.criterion === command.criterion).at(-1)?.after
        ?? view.sheets.find((one) => one.seat === ME)!.sheet.marks.find((one) => one.bidder === command.bidder && one.criterion === command.criterion)!.score
      const { bidder, criterion, score: after, reason } = command
      return [{ type: 'room.score_amended', seat: ME, bidder, criterion, before, after, reason, open_flags: stillOpen(view, { bidder, criterion, after }) }]
    }
    case 'room.explain_score': {
      const { bidder, criterion, reason } = command
      return [{ type: 'room.score_explained', seat: ME, bidder, criterion, reason, open_flags: stillOpen(view, { bidder, criterion }) }]
    }
    case 'room.sign_report':
      return [{ type: 'room.report_signed', seat: ME }]
    case 'room.dissent_report':
      return [{ type: 'room.report_dissented', seat: ME, reasons: command.reasons }]
    case 'room.ask_time':
      return [{ type: 'room.time_asked', seat: ME }]
    case 'room.report_interference':
      return [{ type: 'room.interference_reported', seat: ME, text: command.text }]
    default:
      throw new RoomRefusal('room.not_permitted')
  }
}

/** The next thing that somebody else does, or null while the room waits for the member. */
export function follow(view: RoomView, opened: readonly OpenedSheet[], report: Report): RoomEvent[] | null {
  const me = seatOf(view, ME)
  if (me.void) return null
  const late = (has: (seat: string) => boolean): string | undefined => OTHERS.find((seat) => !has(seat))
  const enter = (phase: RoomView['phase'], by = 'system'): RoomEvent[] => [{ type: 'room.phase_entered', phase, by }]
  switch (view.phase) {
    case 'check_in': {
      const seat = late((one) => seatOf(view, one).checked_in_at !== null)
      return seat ? [{ type: 'room.checked_in', seat }] : me.checked_in_at ? enter('undertaking', 'clerk') : null
    }
    case 'undertaking': {
      const seat = late((one) => seatOf(view, one).undertaken)
      return seat ? [{ type: 'room.undertaking_signed', seat }] : me.undertaken ? enter('recusal') : null
    }
    case 'recusal': {
      const seat = late((one) => seatOf(view, one).declared)
      return seat ? [{ type: 'room.recusal_declared', seat }] : me.declared ? enter('leader') : null
    }
    case 'leader': {
      if (view.leader) return enter('scoring')
      const seat = late((one) => seatOf(view, one).voted_round >= view.round)
      if (seat) return [{ type: 'room.ballot_cast', seat, round: view.round }]
      return me.voted_round >= view.round && view.my_choice ? [counted(view)] : null
    }
    case 'scoring':
      return scoring(view, opened)
    case 'summary':
      if (view.open_flags.length) return null
      if (!view.results) return [{ type: 'room.results_computed', results: resultsOf(scored(view)) }]
      return enter('report', 'leader')
    case 'report': {
      if (!view.report) return [{ type: 'room.report_issued', ...report, root: '' }]
      if (!me.signature) return null
      const seat = late((one) => seatOf(view, one).signature !== null)
      return seat ? [{ type: 'room.report_signed', seat }] : [...enter('closed', 'clerk'), { type: 'room.report_completed', ...report, root: '' }]
    }
    default:
      return null
  }
}

function scoring(view: RoomView, opened: readonly OpenedSheet[]): RoomEvent[] | null {
  if (!seatOf(view, ME).sealed_at) return null
  const seat = OTHERS.find((one) => !seatOf(view, one).sealed_at)
  if (seat) return [{ type: 'room.sheet_sealed', seat, commitment: opened.find((one) => one.seat === seat)!.commitment }]
  return [
    { type: 'room.all_sheets_sealed', seats: SEATS.map((one) => one.seat) },
    { type: 'room.sheets_opened', sheets: [...opened] },
    { type: 'room.phase_entered', phase: 'summary', by: 'system' },
    { type: 'room.flags_raised', flags: flagsOf({ criteria: CRITERIA, bidders: BIDDERS, sheets: opened, amended: [] }) },
  ]
}

/** Three of the other four vote for the favourite, one for the member: a majority whatever the member chose. */
function counted(view: RoomView): RoomEvent {
  const votes = new Map<string, number>([[FAVOURITE, 3], [ME, 1]])
  votes.set(view.my_choice!, (votes.get(view.my_choice!) ?? 0) + 1)
  const tally = [...votes].map(([seat, n]) => ({ seat, votes: n })).sort((a, b) => b.votes - a.votes)
  return { type: 'room.ballots_counted', round: view.round, tally, elected: FAVOURITE, how: 'majority' }
}

