/** The rule book as words: the packaged rules.toml, the same file that the server decides by. */
import book from '../../foundation/rulebook/rules.toml?raw'
import { currentLang, type Lang } from './i18n'

export interface RuleWords {
  id: string
  source: string
  mark: string
  zh: string
  en: string
}

/** Reads the flat subset of TOML that the rule book uses: `[id]` and `name = "text"`. */
export function readRules(text: string): Map<string, RuleWords> {
  const rules = new Map<string, RuleWords>()
  let rule: RuleWords | null = null
  for (const line of text.split('\n')) {
    const head = /^\[([A-Za-z0-9-]+)\]\s*$/.exec(line)
    const pair = /^(source|mark|zh|en)\s*=\s*("(?:[^"\\]|\\.)*")\s*$/.exec(line)
    if (head) rules.set(head[1]!, (rule = { id: head[1]!, source: '', mark: '', zh: '', en: '' }))
    else if (pair && rule) rule[pair[1] as 'source' | 'mark' | 'zh' | 'en'] = JSON.parse(pair[2]!) as string
  }
  return rules
}

const RULES = readRules(book)

/** What the rule says in the reader's language; its id when the book does not hold it. */
export function ruleSays(id: string, lang: Lang = currentLang()): string {
  const rule = RULES.get(id)
  return rule ? (lang === 'en' ? rule.en : rule.zh).replace(/[。.]$/, '') : id
}

/** Where the rule comes from, with its id. */
export function ruleSource(id: string): string {
  const rule = RULES.get(id)
  return rule ? `${rule.source} · ${id}` : id
}
