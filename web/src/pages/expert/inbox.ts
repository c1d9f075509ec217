/** What an expert's inbox puts first: a question, else an appointment; the rest below. */
import type { Invitation } from '@/api/shapes'

const LASTS_MS = 12 * 3600_000
/** So long after its beginning an accepted evaluation is still an appointment: nobody who is late should find an empty page. */

export interface Sorted {
  /** Waits for an answer; of several the one whose time ends first. */
  question: Invitation | null
  /** Accepted and not over; of several the next. Shown first only where no question waits. */
  appointment: Invitation | null
  others: Invitation[]
}

/** The invitations of one expert in the order in which they matter at `now`. */
export function sortInbox(invitations: readonly Invitation[], now: number): Sorted {
  const question = invitations.filter((one) => one.state === 'invited').sort((a, b) => a.reply_by.localeCompare(b.reply_by))[0] ?? null
  const coming = invitations.filter((one) => one.state === 'accepted' && Date.parse(one.starts_at) + LASTS_MS > now)
  const appointment = question ? null : (coming.sort((a, b) => a.starts_at.localeCompare(b.starts_at))[0] ?? null)
  const others = invitations.filter((one) => one !== question && one !== appointment).sort((a, b) => b.invited_at.localeCompare(a.invited_at))
  return { question, appointment, others }
}
