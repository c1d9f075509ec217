import { Refusal } from '@/api/client'

/** The role table of the server as a page needs it. */
export interface RoleRow {
  role: string
  permissions: string[]
  incompatible_with: string[]
}
export interface RolesOut {
  roles: RoleRow[]
  rule: string
}

/** Roles that have accounts: custodians sign in with a key, an expert's role never changes. */
export const KEY_ROLE = 'custodian'
export const FIXED_ROLE = 'expert'

/** Permissions by the part before the dot, both in the order in which they are first granted. */
export function grouped(roles: readonly RoleRow[]): { area: string; permissions: string[] }[] {
  const areas = new Map<string, Set<string>>()
  for (const permission of roles.flatMap((one) => one.permissions)) {
    const area = permission.split('.')[0]!
    areas.set(area, (areas.get(area) ?? new Set()).add(permission))
  }
  return [...areas].map(([area, permissions]) => ({ area, permissions: [...permissions].sort() }))
}

/** A refusal whose facts name roles by id, with the words of the screen in their place. */
export function withRoleWords(refusal: Refusal, word: (role: string) => string): Refusal {
  const facts = Object.fromEntries(Object.entries(refusal.facts).map(([name, value]) => [name, ['held', 'wanted'].includes(name) ? word(String(value)) : value]))
  return new Refusal(refusal.status, refusal.code, refusal.rule, facts, refusal.requestId)
}

/** Ids of accounts that share their person mark with another one. */
export function samePerson(accounts: readonly { id: string; person: string | null }[]): Set<string> {
  const marks = accounts.map((one) => one.person).filter((mark) => mark !== null)
  const twice = new Set(marks.filter((mark, i) => marks.indexOf(mark) !== i))
  return new Set(accounts.filter((one) => one.person !== null && twice.has(one.person)).map((one) => one.id))
}

/**
 * The public key in what a holder hands over: 64 hex digits, alone, in groups, as a JSON line
 * or among words. Null when there is none, or when there are two different ones.
 */
export function keyIn(text: string): string | null {
  const whole = text.toLowerCase()
  const alone = whole.replace(/[\s:·.-]/g, '')
  if (/^[0-9a-f]{64}$/.test(alone)) return alone
  const grouped = whole.match(/\b(?:[0-9a-f]{4}[ \u00a0]+){15}[0-9a-f]{4}\b/g) ?? []
  const solid = whole.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? []
  const keys = new Set([...grouped, ...solid].map((one) => one.replace(/\s/g, '')))
  return keys.size === 1 ? [...keys][0]! : null
}
