/** The fold of a view stream: what the screen holds after each shown event. Pure; read it beside core/view_fold.py. */
import type { RoomEvent, RoomView, SeatView, Told } from './types'

/** An event is missing: the page must ask for a fresh snapshot, never guess. */
export class SequenceGap extends Error {
  constructor(readonly held: number, readonly came: number) {
    super(`event ${came} after ${held}`)
    this.name = 'SequenceGap'
  }
}

export function emptyView(): RoomView {
  return {
    seq: 0, evaluation_id: null, starts_at: null, place: null, title: null, project: null, phase: 'preparing', phase_at: null, paused: null, stopped: null,
    replacing: [], digest: null, opening_key: null, seats: [], leader: null, round: 1, counted: [], my_choice: null, undertaking: null, undertaking_sha256: null,
    criteria: null, criteria_sha256: null, bidders: [], documents: [], sheets: [], flags: [], open_flags: [], amended: [], explained: [], results: null,
    report: null, dissents: [], interference: [],
  }
}

function newSeat(named: Pick<SeatView, 'seat' | 'alias' | 'kind' | 'may_lead'>, replaces: string | null = null): SeatView {
  const { seat, alias, kind, may_lead } = named
  return {
    seat, alias, kind, may_lead, replaces, void: false, void_ground: null, checked_in_at: null, undertaken: false, declared: false, answers: null, voted_round: 0,
    sealed_at: null, commitment: null, sheet_index: null, returned: null, faults: [], time_asked: false, signature: null, asked_at: null,
  }
}

const withSeat = (view: RoomView, seat: string, changes: Partial<SeatView>): RoomView => ({
  ...view,
  seats: view.seats.map((one) => (one.seat === seat ? { ...one, ...changes } : one)),
})

/** Whatever stood on the sheets of a committee that has changed is gone. */
function voided(view: RoomView, event: Extract<RoomEvent, { type: 'room.seat_voided' }>): RoomView {
  const seats = view.seats.map((one) => ({ ...one, signature: null, asked_at: null }))
  const bare = withSeat({ ...view, seats }, event.seat, { void: true, void_ground: event.ground ?? null })
  const next = { ...bare, replacing: [...view.replacing, event.seat], flags: [], open_flags: [], results: null, report: null, dissents: [] }
  return view.leader === event.seat ? { ...next, leader: null, round: view.round + 1, my_choice: null } : next
}

export function apply(view: RoomView, told: Told): RoomView {
  if (told.seq !== view.seq + 1) throw new SequenceGap(view.seq, told.seq)
  return { ...after(view, told, told.event), seq: told.seq }
}

export const foldAll = (events: Iterable<Told>, onto: RoomView = emptyView()): RoomView => {
  let view = onto
  for (const told of events) view = apply(view, told)
  return view
}

function after(view: RoomView, told: Told, event: RoomEvent): RoomView {
  switch (event.type) {
    case 'room.planned':
      return { ...view, evaluation_id: event.evaluation_id, starts_at: event.starts_at, place: event.place, title: event.title ?? null, project: event.project ?? null, phase_at: told.at }
    case 'room.bidders_listed':
      return { ...view, bidders: event.bidders.map(({ id, name, unified_credit_code, price_fen }) => ({ id, name, unified_credit_code, price_fen })) }
    case 'room.bidders_shown':
      return { ...view, bidders: event.bidders.map(({ id, name }) => ({ id, name, unified_credit_code: null, price_fen: null })) }
    case 'room.document_filed':
      return { ...view, documents: [...view.documents, event.document] }
    case 'room.documents_shown':
      return { ...view, documents: event.documents }
    case 'room.criteria_signed':
      return { ...view, criteria: event.criteria, criteria_sha256: event.sha256 }
    case 'room.made_ready':
      return { ...view, digest: event.digest, opening_key: event.opening_key, seats: event.seats.map((one) => newSeat(one)) }
    case 'room.phase_entered':
      return { ...view, phase: event.phase, phase_at: told.at }
    case 'room.checked_in':
      return withSeat(view, event.seat, { checked_in_at: told.at })
    case 'room.brief_shown': {
      const { title, project, criteria, criteria_sha256, undertaking, undertaking_sha256 } = event
      return { ...view, title, project, criteria, criteria_sha256, undertaking, undertaking_sha256 }
    }
    case 'room.undertaking_signed':
      return withSeat(view, event.seat, { undertaken: true })
    case 'room.recusal_declared':
      return withSeat(view, event.seat, { declared: true, answers: event.answers ?? null })
    case 'room.seat_voided':
      return voided(view, event)
    case 'room.seat_replaced':
      return { ...view, seats: [...view.seats, newSeat(event, event.replaces)], replacing: view.replacing.filter((one) => one !== event.replaces) }
    case 'room.ballot_cast': {
      const next = withSeat(view, event.seat, { voted_round: event.round })
      return event.choice ? { ...next, my_choice: event.choice } : next
    }
    case 'room.ballots_counted':
      return { ...view, counted: [...view.counted, event], leader: event.elected ?? null, round: event.round + 1, my_choice: null }
    case 'room.sheet_sealed':
      return withSeat(view, event.seat, { sealed_at: told.at, commitment: event.commitment, sheet_index: told.index, returned: null, faults: [] })
    case 'room.sheet_returned':
      return withSeat(view, event.seat, { sealed_at: null, commitment: null, sheet_index: null, returned: event.ground, faults: event.faults ?? [] })
    case 'room.all_sheets_sealed':
      return view
    case 'room.sheets_opened':
      return { ...view, sheets: [...view.sheets, ...event.sheets] }
    case 'room.flags_raised':
      return { ...view, flags: event.flags, open_flags: event.flags.map((flag) => flag.id) }
    case 'room.score_amended':
      return { ...view, amended: [...view.amended, event], open_flags: event.open_flags }
    case 'room.score_explained':
      return { ...view, explained: [...view.explained, event], open_flags: event.open_flags }
    case 'room.results_computed':
      return { ...view, results: event.results }
    case 'room.report_issued':
      return { ...view, report: { sha256: event.sha256, size: event.size, root: event.root, at: told.at, index: told.index, completed_sha256: null } }
    case 'room.report_signed':
      return withSeat(view, event.seat, { signature: 'signed' })
    case 'room.report_dissented':
      return withSeat({ ...view, dissents: [...view.dissents, { seat: event.seat, text: event.reasons, at: told.at }] }, event.seat, { signature: 'dissented' })
    case 'room.signature_asked':
      return withSeat(view, event.seat, { asked_at: told.at })
    case 'room.consent_deemed':
      return withSeat(view, event.seat, { signature: 'deemed' })
    case 'room.report_completed':
      return view.report ? { ...view, report: { ...view.report, completed_sha256: event.sha256 } } : view
    case 'room.paused':
      return { ...view, paused: { by: event.by, ground: event.ground, note: event.note, at: told.at } }
    case 'room.resumed':
      return { ...view, paused: null }
    case 'room.stopped':
      return { ...view, stopped: { by: event.by, ground: event.ground, note: event.note, at: told.at } }
    case 'room.handed_over':
      return view
    case 'room.time_asked':
      return withSeat(view, event.seat, { time_asked: true })
    case 'room.interference_reported':
      return { ...view, interference: [...view.interference, { seat: event.seat, text: event.text, at: told.at }] }
    default:
      return unreachable(event)
  }
}

function unreachable(event: never): never {
  throw new TypeError(`unknown room event ${JSON.stringify(event)}`)
}
