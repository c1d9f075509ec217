/** A case in words: where it stands, what happens next and by when, and which case is odd. */
import type { Composer } from 'vue-i18n'
import type { Case, CaseLine, Link, Proposal } from './shapes'
import { dayWord, leftWords } from './standingWords'

type T = Composer['t']

export const CLOSED: readonly string[] = ['dismissed', 'upheld', 'overturned']
/** What a linked entry may show; the code goes with the link. */
export const LINK_WORDS = ['late', 'absent', 'left', 'declined', 'unreachable', 'interest', 'score', 'other'] as const

/** In force and past the time to appeal is over as well. */
export const isOver = (one: CaseLine): boolean => CLOSED.includes(one.status) || (one.status === 'in_force' && (one.days_left ?? 0) < 0)

/** Where a case stands and what happens next, in one sentence. */
export function nowWords(one: CaseLine, t: T): string {
  const facts = one.due_on ? { day: dayWord(one.due_on), left: leftWords(one.due_on, one.days_left ?? 0, t) } : { day: '', left: '' }
  const late = (one.days_left ?? 0) < 0
  if (one.status === 'notified' || one.status === 'in_force') return t(`desk.now.${one.status}${late ? '_late' : ''}`, facts)
  return t(`desk.now.${one.status}`)
}

export type Odd = 'urgent' | 'appealed' | 'silent' | 'decided' | 'answered' | null

/** Why a case stands on top: it waits for somebody of the office. A suspension about to lapse comes first. */
export function oddOf(one: CaseLine, proposals: readonly Proposal[]): Odd {
  const suspended = proposals.find((each) => each.open && each.urgent && each.origin === `case:${one.id}`)
  if (suspended && (suspended.days_left ?? 9) <= 2) return 'urgent'
  if (one.status === 'appealed' || one.status === 'decided' || one.status === 'answered') return one.status
  return one.status === 'notified' && (one.days_left ?? 0) < 0 ? 'silent' : null
}
const RANK: readonly Odd[] = ['urgent', 'appealed', 'silent', 'decided', 'answered', null]

/** The odd on top, then by deadline, then what is over. */
export function ordered<L extends CaseLine>(cases: readonly L[], proposals: readonly Proposal[]): (L & { odd: Odd })[] {
  return cases
    .map((one) => ({ ...one, odd: oddOf(one, proposals) }))
    .sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || RANK.indexOf(a.odd) - RANK.indexOf(b.odd) || (a.due_on ?? '9').localeCompare(b.due_on ?? '9') || b.reported_at.localeCompare(a.reported_at))
}

/** The page of the log in which a linked entry stands; null where there is none. */
export function pageOf(link: Pick<Link, 'stream'>): string | null {
  const [room, id] = link.stream.split(/[:/]/, 2)
  if (!id) return null
  return { draw: `/supervise/draws/${id}`, evaluation: `/supervise/rooms/${id}`, case: `/supervise/cases/${id}` }[room!] ?? null
}

/** The last thing that was said in a step of a kind. */
export const lastOf = (one: Case, type: string) => [...one.acts].reverse().find((act) => act.type === type) ?? null
