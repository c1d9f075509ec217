/** Languages: screen words per area from locales/{lang}/*.json, refusal and check words from the Python catalogue. */
import { createI18n } from 'vue-i18n'

export type Lang = 'zh-CN' | 'en'
export type Messages = { [key: string]: string | Messages }
const STORED = 'expert-draw.lang'

const screen = import.meta.glob<Messages>('./locales/*/*.json', { eager: true, import: 'default' })

/** One file per area; two areas may share a top-level key, so the files are merged deeply. */
export function merged(files: Record<string, Messages>, lang: Lang): Messages {
  const all: Messages = {}
  for (const path of Object.keys(files).sort()) {
    const found = files[path]
    if (path.includes(`/${lang}/`) && found) mergeInto(all, found)
  }
  return all
}

function mergeInto(target: Messages, source: Messages): void {
  for (const [key, value] of Object.entries(source)) {
    const present = target[key]
    if (typeof value === 'object' && typeof present === 'object') mergeInto(present, value)
    else target[key] = typeof value === 'object' ? structuredClone(value) : value
  }
}

function firstLang(): Lang {
  return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLang(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': merged(screen, 'zh-CN'), en: merged(screen, 'en') },
})

document.documentElement.lang = i18n.global.locale.value

export function currentLang(): Lang {
  return i18n.global.locale.value as Lang
}

export function switchLang(lang: Lang): void {
  i18n.global.locale.value = lang
  localStorage.setItem(STORED, lang)
  document.documentElement.lang = lang
}
