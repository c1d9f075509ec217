import { describe, expect, it } from 'vitest'
import { merged, type Messages } from './i18n'

const files = import.meta.glob<Messages>('./locales/*/*.json', { eager: true, import: 'default' })
const sources = import.meta.glob<string>(['./**/*.vue', './**/*.ts', '!./**/*.test.ts'], { eager: true, import: 'default', query: '?raw' })

function flat(messages: Messages, prefix = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') all.set(prefix + key, value)
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) all.set(inner, text)
  }
  return all
}
const zh = flat(merged(files, 'zh-CN'))
const en = flat(merged(files, 'en'))
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()

describe('words of the screen', () => {
  it('stand in the same files in both languages', () => {
    const names = (lang: string): string[] => Object.keys(files).filter((path) => path.includes(`/${lang}/`)).map((path) => path.split('/').at(-1)!).sort()
    expect(names('en')).toEqual(names('zh-CN'))
  })

  it('have the same keys in both languages', () => {
    expect([...en.keys()].filter((key) => !zh.has(key))).toEqual([])
    expect([...zh.keys()].filter((key) => !en.has(key))).toEqual([])
  })

  it('name the same facts, are not empty, and do not shout', () => {
    const odd = [...zh].filter(([key, text]) => JSON.stringify(placeholders(text)) !== JSON.stringify(placeholders(en.get(key)!.split(' | ')[0]!)))
    expect(odd.map(([key]) => key)).toEqual([])
    const loud = [...zh, ...en].filter(([, text]) => text.trim() === '' || /[!！]/.test(text))
    expect(loud.map(([key]) => key)).toEqual([])
  })

  it('are written so that the message compiler reads them: no @, and no | in Chinese', () => {
    expect([...zh, ...en].filter(([, text]) => text.includes('@')).map(([key]) => key)).toEqual([])
    expect([...zh].filter(([, text]) => text.includes('|')).map(([key]) => key)).toEqual([])
  })

  it('have in English one form for one and one for many, where | stands, and are given n as a number', () => {
    const plural = [...en].filter(([, text]) => text.includes('|'))
    expect(plural.length).toBeGreaterThan(10)
    for (const [key, text] of plural) {
      const forms = text.split(' | ')
      expect(forms, key).toHaveLength(2)
      for (const form of forms) expect(placeholders(form), key).toEqual(placeholders(zh.get(key)!))
      expect(placeholders(text), key).toContain('n')
      expect(forms[0], key).not.toBe(forms[1])
      // A number as people read it (n(1)) is a text, and a text has no plural.
      const calls = Object.values(sources).flatMap((source) => [...source.matchAll(/\bt\([^\n]*?\{([^{}]*)\}\)/g)]).filter(([call]) => call.includes(`'${key}'`))
      for (const [call, facts] of calls) expect(facts, call).not.toMatch(/\bn: n\(/)
    }
  })

  it('are there for every key the code names', () => {
    const missing: string[] = []
    for (const [path, source] of Object.entries(sources)) {
      for (const [, key] of source.matchAll(/\b(?:t|te)\(\s*'([^']+)'/g)) if (!zh.has(key!)) missing.push(`${path}: ${key}`)
      for (const [, yes, no] of source.matchAll(/\bt\([^'`()]*\? '([^']+)' : '([^']+)'/g)) for (const key of [yes!, no!]) if (!zh.has(key)) missing.push(`${path}: ${key}`)
      for (const [, key] of source.matchAll(/\b(?:title|label): '([a-z_]+\.[a-z_.]+)'/g)) if (!zh.has(key!)) missing.push(`${path}: ${key}`)
      for (const [, prefix] of source.matchAll(/\b(?:t|te)\(\s*`([^`$]+\.)\$\{/g)) if (![...zh.keys()].some((key) => key.startsWith(prefix!))) missing.push(`${path}: ${prefix}…`)
    }
    expect(missing).toEqual([])
  })
})
