/** Money is integer fen inside, yuan with two decimals on the screen; no floating point in between. */

/** "1 234 567.80" for 123456780 fen; groups of three with a thin gap. */
export function yuan(fen: number | bigint | string): string {
  const whole = BigInt(fen)
  const sign = whole < 0n ? '−' : ''
  const size = whole < 0n ? -whole : whole
  const groups = String(size / 100n).replace(/\B(?=(\d{3})+$)/g, '\u2009')
  return `${sign}${groups}.${String(size % 100n).padStart(2, '0')}`
}

/** Yuan as typed ("12,345.6", "12345") → fen, or null when it is no amount. */
export function fenOf(text: string): number | null {
  const found = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/[,，\s\u2009]/g, ''))
  if (!found) return null
  return Number(BigInt(found[1]!) * 100n + BigInt((found[2] ?? '').padEnd(2, '0')))
}

/** Plain yuan for an input field. */
export function yuanPlain(fen: number): string {
  const size = BigInt(fen)
  return `${size / 100n}.${String(size % 100n).padStart(2, '0')}`
}
