/** Criteria of a score sheet: reading a file, and the sum that must be 100, in exact decimals. */
import type { Criteria, Criterion } from '@/api/shapes'
import { parseScore, spellScore } from '@/room/score'

/** Price weight plus all maxima, or "–" while a number is unreadable. */
export function sumOf(criteria: Criteria): string {
  const parts = [criteria.price_weight, ...criteria.criteria.map((one) => one.max)].map(parseScore)
  return parts.some((one) => one === null) ? '–' : spellScore(parts.reduce<bigint>((sum, one) => sum + one!, 0n))
}

export type CriteriaFault = 'unreadable' | 'sum' | 'number' | 'step' | 'ids' | 'title' | 'empty'

/** Why these criteria cannot make a sheet, or null. The server decides again. */
export function faultOf(criteria: Criteria): CriteriaFault | null {
  if (!criteria.criteria.length) return 'empty'
  if (criteria.criteria.some((one) => !one.title.trim())) return 'title'
  if (new Set(criteria.criteria.map((one) => one.id)).size !== criteria.criteria.length || criteria.criteria.some((one) => !/^[A-Za-z0-9_-]{1,40}$/.test(one.id))) return 'ids'
  const units = criteria.criteria.map((one) => [parseScore(one.max), parseScore(one.step)] as const)
  if (units.some(([max, step]) => !max || !step) || parseScore(criteria.price_weight) === null) return 'number'
  if (units.some(([max, step]) => max! % step! !== 0n)) return 'step'
  return sumOf(criteria) === '100' ? null : 'sum'
}

/** Wire spelling of every number; ids and texts trimmed. */
export function spelled(criteria: Criteria): Criteria {
  const spell = (text: string): string => spellScore(parseScore(text)!)
  return {
    price_weight: spell(criteria.price_weight),
    ...(criteria.purchase ? { purchase: criteria.purchase } : {}),
    criteria: criteria.criteria.map((one) => ({ id: one.id, title: one.title.trim(), max: spell(one.max), step: spell(one.step), kind: one.kind, guide: one.guide.trim() })),
  }
}

/** The criteria in a file: `{price_weight, criteria}` or the same inside `criteria`; null when it is something else. */
export function readCriteria(text: string): Criteria | null {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return null
  }
  const outer = found as { criteria?: unknown; price_weight?: unknown }
  const whole = (outer?.price_weight === undefined ? outer?.criteria : outer) as { price_weight?: unknown; criteria?: unknown; purchase?: unknown } | undefined
  if (!whole || !Array.isArray(whole.criteria)) return null
  const lines = (whole.criteria as Partial<Criterion>[]).map((one, i) => ({
    id: String(one.id ?? `c${i + 1}`), title: String(one.title ?? ''), max: String(one.max ?? ''), step: String(one.step ?? '1'), kind: one.kind === 'objective' ? ('objective' as const) : ('subjective' as const), guide: String(one.guide ?? ''),
  }))
  const purchase = whole.purchase === 'goods' || whole.purchase === 'services' ? { purchase: whole.purchase } : {}
  return { price_weight: String(whole.price_weight ?? '0'), criteria: lines, ...purchase } as Criteria
}
