/** Facts of an entry as short phrases: known names and values in words, instants in China Standard Time, hashes shortened. */
import type { Composer } from 'vue-i18n'
import { currentLang } from '@/i18n'
import { exact } from '@/time'

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** One value in words; seats of a draw are counted from one, as people do. */
export function spokenValue(name: string, value: unknown, t: Composer['t'], te: Composer['te']): string {
  if (value === null || value === undefined || value === '') return ''
  if (name === 'seat' && typeof value === 'number') return String(value + 1)
  if (typeof value === 'boolean') return t(value ? 'fact.yes' : 'fact.no')
  if (Array.isArray(value)) return value.map((one) => spokenValue(name, one, t, te)).filter(Boolean).join(currentLang() === 'en' ? ', ' : '、')
  if (typeof value === 'object') return toldOf(value).map(([key, one]) => spokenValue(key, one, t, te)).filter(Boolean).join(' ')
  const text = String(value)
  if ((name.endsWith('flags') || name === 'id') && text.includes('/')) {
    const [kind, ...where] = text.split('/')
    return [te(`fact.value.flag.${kind}`) ? t(`fact.value.flag.${kind}`) : kind, ...where].join(' ')
  }
  if (INSTANT.test(text)) return exact(text, currentLang())
  if (/^[0-9a-f]{40,}$/.test(text)) return `${text.slice(0, 8)}…`
  return te(`fact.value.${name}.${text}`) ? t(`fact.value.${name}.${text}`) : te(`fact.value.${text}`) ? t(`fact.value.${text}`) : text
}

/** What is told of an object; a flag's id says its kind and its cell, so these are not told again. */
function toldOf(value: object): [string, unknown][] {
  const flag = 'id' in value && String(value.id).includes('/')
  return Object.entries(value).filter(([key]) => !flag || key === 'id' || key === 'values')
}

/** The facts of an entry in one line. */
export const factsLine = (facts: Record<string, unknown>, t: Composer['t'], te: Composer['te']): string => spokenFacts(facts, t, te).join(currentLang() === 'en' ? '; ' : '；')

/** One phrase per fact that has a value. */
export function spokenFacts(facts: Record<string, unknown>, t: Composer['t'], te: Composer['te']): string[] {
  return Object.entries(facts)
    .map(([name, value]) => [name, spokenValue(name, value, t, te)] as const)
    .filter(([, spoken]) => spoken !== '')
    .map(([name, spoken]) => `${te(`fact.name.${name}`) ? t(`fact.name.${name}`) : name}${currentLang() === 'en' ? ': ' : '：'}${spoken}`)
}
