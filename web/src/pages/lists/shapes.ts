/** What the doors of the outside lists give and take. */
import type { components } from '@/contract/openapi'

export type OutsideLists = components['schemas']['OutsideListsOut']
export type OutsideList = components['schemas']['OutsideListOut']
export type CrossCheck = components['schemas']['CrossCheckOut']
export type Matches = components['schemas']['ListMatchesOut']
export type Match = components['schemas']['ListMatchOut']
export type Both = components['schemas']['LookedOut']
export type Which = 'near' | 'waiting' | 'done' | 'all'

export const SOURCES = ['court', 'credit', 'province', 'discipline'] as const

/** Today in China, as the date fields write it. */
export function today(): string {
  return new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
}

/** A near match that nobody has decided. */
export function isOpen(one: Match): boolean {
  return one.in_force && one.how !== 'number' && !one.decision
}

/** The same person, and no measure proposed yet. */
export function isWaiting(one: Match): boolean {
  return one.in_force && !one.proposal && (one.how === 'number' || one.decision === 'same_person')
}
