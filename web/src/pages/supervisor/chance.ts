/** Standard deviation of an observed share: `of` independent trials, each true with chance `p`; 0 without trials. */
export function sigma(p: number, of: number): number {
  return of > 0 ? Math.sqrt((p * (1 - p)) / of) : 0
}
