/** A region rule of the committee in words: the same sentence for whoever files, waits, or supervises. */
import type { Composer } from 'vue-i18n'
import type { RegionRule } from '@/api/shapes'
import { currentLang } from '@/i18n'

type Translate = Composer['t']

export const namesOf = (names: readonly string[]): string => names.join(currentLang() === 'en' ? ', ' : '、')

/** "2 to 3 of the 5 drawn from Hubei, Hunan": what the rule leaves to the other provinces is said as well. */
export function regionRuleWords(rule: Pick<RegionRule, 'min' | 'max'> & { names: readonly string[] }, seats: number, t: Translate): string {
  const facts = { provinces: namesOf(rule.names), min: rule.min, max: rule.max, seats, others: seats - rule.max }
  if (rule.max === 0) return t('draw.region_rule.none', facts)
  if (rule.min === rule.max) return t('draw.region_rule.exactly', facts)
  if (rule.max >= seats) return t('draw.region_rule.least', facts)
  return t(rule.min === 0 ? 'draw.region_rule.most' : 'draw.region_rule.between', facts)
}
