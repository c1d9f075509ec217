/** Scores as exact decimals: ten-thousandths in a BigInt, never a floating point number. */

const SCALE = 10_000n
export const FULL_WIDTH = { '０': '0', '１': '1', '２': '2', '３': '3', '４': '4', '５': '5', '６': '6', '７': '7', '８': '8', '９': '9', '．': '.', '。': '.', '，': '.', ',': '.' } as const

/** What a person types ("7.5", "07.50", "７．５", "7.") → ten-thousandths, or null when it is no score. */
export function parseScore(text: string): bigint | null {
  const plain = [...text.trim()].map((char) => (FULL_WIDTH as Record<string, string>)[char] ?? char).join('')
  const found = /^(\d{1,4})(?:\.(\d{0,4}))?$/.exec(plain)
  if (!found) return null
  return BigInt(found[1]!) * SCALE + BigInt((found[2] ?? '').padEnd(4, '0'))
}

/** The only spelling on the wire: "7.5", "12", "0". */
export function spellScore(units: bigint): string {
  const part = String(units % SCALE).padStart(4, '0').replace(/0+$/, '')
  return part ? `${units / SCALE}.${part}` : String(units / SCALE)
}

/** For the screen: at least as many decimals as the step has, so that a column lines up. */
export function showScore(score: string, step: string): string {
  const decimals = step.split('.')[1]?.length ?? 0
  const [whole, part = ''] = score.split('.')
  const shown = part.padEnd(decimals, '0')
  return shown ? `${whole}.${shown}` : whole!
}

export type ScoreFault = 'not_a_score' | 'out_of_range' | 'off_step'

/** Why a typed score cannot stand, or its wire spelling. */
export function readScore(text: string, max: string, step: string): { score: string } | { fault: ScoreFault } {
  const units = parseScore(text)
  const most = parseScore(max)!
  const grid = parseScore(step)!
  if (units === null) return { fault: 'not_a_score' }
  if (units > most) return { fault: 'out_of_range' }
  if (grid > 0n && units % grid !== 0n) return { fault: 'off_step' }
  return { score: spellScore(units) }
}

export const isFull = (score: string, max: string): boolean => parseScore(score) === parseScore(max)

/** How much is taken off: max − score, in wire spelling. */
export const deduction = (score: string, max: string): string => spellScore(parseScore(max)! - parseScore(score)!)

/** One step up or down, kept inside 0 … max. */
export function stepped(score: string | null, max: string, step: string, direction: 1 | -1): string {
  const grid = parseScore(step)!
  const most = parseScore(max)!
  const from = score === null ? (direction === 1 ? -grid : most + grid) : parseScore(score)!
  const next = from + BigInt(direction) * grid
  return spellScore(next < 0n ? 0n : next > most ? most : next)
}
