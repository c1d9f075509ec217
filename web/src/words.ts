/** Words of the Python catalogue (app/locales): refusals, checks, events. Facts stand in braces: {fact}. */
import { currentLang, type Lang } from './i18n'

export type Facts = Record<string, unknown>
type Area = { errors?: Record<string, RefusalWords>; checks?: Record<string, unknown>; events?: Record<string, unknown> }
export interface RefusalWords {
  sentence: string
  way_out: string
}

const catalogue = import.meta.glob<Area>('../../app/locales/*/*.json', { eager: true, import: 'default' })

function areas(lang: Lang): Area[] {
  return Object.keys(catalogue)
    .filter((path) => path.includes(`/${lang}/`))
    .sort()
    .map((path) => catalogue[path] as Area)
}

/** Puts facts into a sentence; a fact that is not there stays visible as its name, so that it is noticed. */
export function withFacts(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? spoken(facts[name]) : whole))
}

function spoken(value: unknown): string {
  if (Array.isArray(value)) return value.map(spoken).join('、')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Words of a refusal, facts put in, or null when the catalogue does not know the code. */
export function refusalWords(code: string, facts: Facts, lang: Lang = currentLang()): RefusalWords | null {
  for (const area of areas(lang)) {
    const words = area.errors?.[code]
    if (words) return { sentence: withFacts(words.sentence, facts), way_out: withFacts(words.way_out, facts) }
  }
  return null
}

/** One sentence for a check or an event of the catalogue; the name itself when there is none. */
export function sentenceOf(kind: 'checks' | 'events', name: string, facts: Facts = {}, lang: Lang = currentLang()): string {
  for (const area of areas(lang)) {
    const found = area[kind]?.[name]
    if (typeof found === 'string') return withFacts(found, facts)
    if (found && typeof found === 'object' && 'sentence' in found) return withFacts(String(found.sentence), facts)
  }
  return name
}
