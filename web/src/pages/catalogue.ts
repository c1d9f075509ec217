/** Closed lists of the Python catalogue in words: standings, measures, grounds, exits, cases. */
import { currentLang, type Lang } from '@/i18n'

type Section = 'standing' | 'measure' | 'ground' | 'exit_kind' | 'case_status' | 'rating_fact'
const files = import.meta.glob<Partial<Record<Section, Record<string, string>>>>('../../../app/locales/*/*.json', { eager: true, import: 'default' })

/** The word for a code of a closed list; the code itself when the catalogue lacks it. */
export function wordOf(section: Section, code: string, lang: Lang = currentLang()): string {
  for (const [path, file] of Object.entries(files)) {
    const word = path.includes(`/${lang}/`) ? file[section]?.[code] : undefined
    if (word) return word
  }
  return code
}
