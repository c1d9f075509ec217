/** Wall-clock time of China (fixed +08:00) for inputs, whatever zone the machine is set to. */

/** ISO instant without milliseconds, as the API writes it. */
export function isoOf(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** "2026-11-24T14:20:00" in China Standard Time → "2026-11-24T06:20:00Z". */
export function fromWall(wall: string): string {
  return isoOf(new Date(`${wall}+08:00`))
}

/** "2026-11-24T06:20:00Z" → "2026-11-24T14:20:00" in China Standard Time. */
export function toWall(iso: string): string {
  return isoOf(new Date(Date.parse(iso) + 8 * 3600_000)).slice(0, 19)
}

/** An instant `minutes` after another. */
export function later(iso: string, minutes: number): string {
  return isoOf(new Date(Date.parse(iso) + minutes * 60_000))
}

/** Now plus `minutes`, on a full minute when `whole`. */
export function soon(minutes: number, whole = false, now = Date.now()): string {
  const at = now + minutes * 60_000
  return isoOf(new Date(whole ? Math.ceil(at / 60_000) * 60_000 : Math.ceil(at / 1000) * 1000))
}
