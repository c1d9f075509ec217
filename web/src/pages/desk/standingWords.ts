/** Standing in words: how long is left, what a proposal would make true, where an entry comes from. */
import type { Composer } from 'vue-i18n'
import { currentLang } from '@/i18n'
import { day } from '@/time'
import { wordOf } from '../catalogue'
import type { Measure, Proposal } from './shapes'

type T = Composer['t']

/** A day of the calendar ("2026-12-01") as people write it. */
export const dayWord = (iso: string): string => day(`${iso}T12:00:00+08:00`, currentLang())

/** The day of an instant in China, as people write it. */
export const dayOf = (at: string): string => day(at, currentLang())

/** From a day to a day, or without an end. */
export const termWords = (from: string, to: string | null, t: T): string => (to ? t('desk.term.to', { from: dayWord(from), to: dayWord(to) }) : t('desk.term.open', { from: dayWord(from) }))

/** "2 working days left", "ends today", or that it is over. */
export function leftWords(last: string, left: number, t: T): string {
  if (left < 0) return t('desk.left.over', { day: dayWord(last) })
  return left === 0 ? t('desk.left.today') : t('desk.left.days', { n: left })
}

/** What stands once a proposal is confirmed, in one sentence. */
export const wouldBe = (one: Proposal, target: Measure | null, t: T): string => told('would', one, target, t)

/** What a proposal of the past was about, in a few words. */
export const wasToBe = (one: Proposal, target: Measure | null, t: T): string => told('was', one, target, t)

function told(tense: 'would' | 'was', one: Proposal, target: Measure | null, t: T): string {
  const leaves = one.act === 'exit'
  const facts = { expert: one.expert_id, kind: wordOf(leaves ? 'exit_kind' : 'measure', one.kind), ground: wordOf('ground', one.ground) }
  if (leaves) return t(`desk.${tense}.${one.act}`, facts)
  if (one.act === 'lift') return t(`desk.${tense}.lift`, { ...facts, kind: target ? wordOf('measure', target.kind) : t('desk.would.measure') })
  const term = one.starts_on ? termWords(one.starts_on, one.ends_on, t) : ''
  const before = target ? { old: wordOf('measure', target.kind), oldterm: termWords(target.starts_on, target.ends_on, t) } : { old: t('desk.would.measure'), oldterm: '' }
  return t(`desk.${tense}.${one.act}`, { ...facts, term, ...before })
}

/** The case that an entry comes from, where it comes from one. */
export const caseOf = (origin: string): string | null => (origin.startsWith('case:') ? origin.slice('case:'.length) : null)

/** Where an entry comes from, in words; empty where a person put it in. */
export function originWords(origin: string, t: T): string {
  const kind = origin.split(':')[0]!
  return ['case', 'list', 'feed', 'points'].includes(kind) ? t(`desk.origin.${kind}`) : origin
}
