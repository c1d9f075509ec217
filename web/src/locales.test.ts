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
    const odd = [...zh].filter(([key, text]) => JSON.stringify(placeholders(text)) !== JSON.stringify(placeholders(en.get(key)!)))
    expect(odd.map(([key]) => key)).toEqual([])
    const loud = [...zh, ...en].filter(([, text]) => text.trim() === '' || /[!！]/.test(text))
    expect(loud.map(([key]) => key)).toEqual([])
  })

  it('are written so that the message compiler reads them: no @, no |', () => {
    expect([...zh, ...en].filter(([, text]) => /[@|]/.test(text)).map(([key]) => key)).toEqual([])
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
