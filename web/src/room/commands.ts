/** What this viewer may press now: the table of the protocol, asked with the view. The server decides; this only hides dead buttons. */
import type { Phase, RoomView, SeatView, Viewer } from './types'

export const mySeat = (view: RoomView, viewer: Viewer | null): SeatView | null => view.seats.find((one) => one.seat === viewer?.seat) ?? null
export const liveSeats = (view: RoomView): SeatView[] => view.seats.filter((one) => !one.void)

export type Step = 'wait_ready' | 'check_in' | 'undertaking' | 'recusal' | 'leader' | 'scoring' | 'summary' | 'report' | 'closed' | 'void'

/** The member's own next step; a replacement starts from check-in whatever the room's phase. */
export function stepOf(view: RoomView, seat: SeatView | null): Step {
  if (!seat) return 'wait_ready'
  if (seat.void) return 'void'
  if (view.phase === 'preparing') return 'wait_ready'
  if (view.phase === 'closed') return 'closed'
  if (!seat.checked_in_at) return 'check_in'
  if (!seat.undertaken) return 'undertaking'
  if (!seat.declared) return 'recusal'
  if (!view.leader) return 'leader'
  return view.phase === 'summary' || view.phase === 'report' ? view.phase : 'scoring'
}

const HAS: Partial<Record<Step, (seat: SeatView, view: RoomView) => boolean>> = {
  check_in: (seat) => seat.checked_in_at !== null,
  undertaking: (seat) => seat.undertaken,
  recusal: (seat) => seat.declared,
  leader: (seat, view) => view.leader !== null || seat.voted_round >= view.round,
  scoring: (seat) => seat.sealed_at !== null,
  report: (seat) => seat.signature !== null,
}

/** For how many is the room waiting in this step; never for whom. */
export function waitingFor(view: RoomView, step: Step): { done: number; of: number } {
  const live = liveSeats(view)
  const has = HAS[step]
  return { done: has ? live.filter((seat) => has(seat, view)).length : 0, of: live.length }
}

/** More than a third of the members say that the time is too short: nobody may hurry them (R-EVAL-3). */
export function timeIsShort(view: RoomView): boolean {
  const live = liveSeats(view)
  return 3 * live.filter((seat) => seat.time_asked).length > live.length
}
/** Half of the members or more dissent: the report has no majority behind it (R-EVAL-12). */
export function noMajority(view: RoomView): boolean {
  const live = liveSeats(view)
  return live.length > 0 && 2 * live.filter((seat) => seat.signature === 'dissented').length >= live.length
}

/** Who presses "go on" in this phase, or null when it ends by itself. */
export const leads = (phase: Phase): 'clerk' | 'leader' | null => (phase === 'check_in' || phase === 'report' ? 'clerk' : phase === 'summary' ? 'leader' : null)
