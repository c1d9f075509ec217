/**
 * Does a typed word spell a name in pinyin: by initials, in full, or both mixed? The same as
 * classification/core/readings.py, held to tests/vectors/pinyin.json. Letters of the word are lower case.
 */

/** "chong/tong/zhong qing" → every reading of each character. */
export const readingsOf = (pinyin: string): string[][] => (pinyin ? pinyin.split(' ').map((one) => one.split('/')) : [])

/** As people type it: full width becomes half, ü becomes v. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ü', 'v')

export function spelt(readings: readonly (readonly string[])[], word: string): boolean {
  let reached = new Set([0])
  for (const each of readings) {
    const after = new Set([0])
    for (const at of reached) {
      const rest = word.slice(at)
      for (const one of each) {
        if (one.startsWith(rest)) return true
        if (rest.startsWith(one)) after.add(at + one.length)
        if (rest[0] === one[0]) after.add(at + 1)
      }
    }
    reached = after
  }
  return false
}
