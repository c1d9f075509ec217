/** The pieces of the Chinese font that the off-line verifier's own words need, as style: a machine without one still shows no boxes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FONT = '@fontsource-variable/noto-sans-sc/index.css'

/** `@font-face` rules with the font inside, for each piece whose range holds a character of `words`. */
export function fontsFor(words: string): string {
  const index = createRequire(import.meta.url).resolve(FONT)
  const needed = [...new Set(words)].map((character) => character.codePointAt(0)!)
  const rules = readFileSync(index, 'utf8').match(/@font-face\s*\{[^}]*\}/g) ?? []
  return rules.filter((rule) => holds(rule, needed)).map((rule) => withFile(rule, dirname(index))).join('\n')
}

function holds(rule: string, needed: readonly number[]): boolean {
  const ranges = (/unicode-range:\s*([^;}]*)/.exec(rule)?.[1] ?? '').split(',').map((range) => {
    const [first, last] = range.trim().replace(/^U\+/i, '').split('-')
    return [parseInt(first!, 16), parseInt(last ?? first!, 16)] as const
  })
  return needed.some((point) => ranges.some(([first, last]) => point >= first && point <= last))
}

function withFile(rule: string, folder: string): string {
  return rule.replace(/\s+/g, ' ').replace(/url\(([^)]+)\)/, (_whole, path: string) => `url(data:font/woff2;base64,${readFileSync(join(folder, path)).toString('base64')})`)
}
