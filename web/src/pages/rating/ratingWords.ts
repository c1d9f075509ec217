/** Small words of the assessment: people by alias, entries of the log, thresholds. */
import type { Composer } from 'vue-i18n'
import { currentLang } from '@/i18n'
import { sentenceOf } from '@/words'
import { spokenAlias } from '../room/roomWords'
import { wordOf } from '../catalogue'
import type { LogEntry, RatedPerson, Scheme, Threshold } from './shapes'

type Translate = Composer['t']

/** The alias of the room; the clerk has none. */
export function personWord(one: RatedPerson, t: Translate): string {
  return one.party === 'clerk' ? t('rating.clerk') : spokenAlias(one.alias)
}

/** What an entry of the room says, with the phase or the seat it is about. */
export function entryWord(one: LogEntry, people: readonly RatedPerson[], t: Translate): string {
  const of = people.find((each) => each.name === one.seat)
  const about = one.phase ? t(`room.phase.${one.phase}`) : of ? personWord(of, t) : ''
  const said = sentenceOf('events', one.type)
  return about ? `${said} · ${about}` : said
}

/** One line of the table in words. */
export function thresholdWord(one: Threshold, scheme: Scheme, t: Translate): string {
  const act = one.act === 'warn' ? t('rating.act.warn') : t(one.months ? `rating.act.${one.act}_months` : `rating.act.${one.act}`, { months: one.months })
  const when = one.on === 'year' ? t(`rating.when.year_${scheme.counts}`, { at: one.at }) : t(`rating.when.${one.on}`, { at: one.at, fact: one.fact ? wordOf('rating_fact', one.fact) : '' })
  return `${when}${currentLang() === 'en' ? ': ' : '：'}${act}`
}

/** "V2", "K" … in words; a mark nobody needs to be told of is "". */
export const markWord = (mark: string, t: Translate): string => (['K', 'K?', 'P'].includes(mark) ? t(`rating.mark.${mark === 'K?' ? 'unsure' : mark === 'K' ? 'known' : 'product'}`) : '')

/** A text of the table in the reader's language. */
export const sourceWord = (one: { source: string; source_en: string }): string => (currentLang() === 'en' ? one.source_en : one.source)
export const articleWord = (one: { article: string; article_en: string }): string => (currentLang() === 'en' ? one.article_en : one.article)
