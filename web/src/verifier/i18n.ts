/** Words of the off-line verifier: the same files as the pages', but only the areas it speaks of. Stands in for `@/i18n`. */
import { createI18n } from 'vue-i18n'
import partsEn from '../locales/en/parts.json'
import verifyEn from '../locales/en/verify.json'
import partsZh from '../locales/zh-CN/parts.json'
import verifyZh from '../locales/zh-CN/verify.json'

export type Lang = 'zh-CN' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: navigator.language.startsWith('zh') ? 'zh-CN' : 'en',
  messages: { 'zh-CN': { ...partsZh, ...verifyZh }, en: { ...partsEn, ...verifyEn } },
})

export function currentLang(): Lang {
  return i18n.global.locale.value as Lang
}

export function switchLang(lang: Lang): void {
  i18n.global.locale.value = lang
  document.documentElement.lang = lang
  document.title = i18n.global.t('verify.alone.title')
}
