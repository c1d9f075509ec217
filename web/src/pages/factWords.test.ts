import { afterEach, describe, expect, it } from 'vitest'
import { i18n, switchLang } from '@/i18n'
import { factsLine } from './factWords'

const [t, te] = [i18n.global.t, i18n.global.te] as [Parameters<typeof factsLine>[1], Parameters<typeof factsLine>[2]]
const line = (facts: Record<string, unknown>): string => factsLine(facts, t, te)
afterEach(() => switchLang('zh-CN'))

describe('facts of an entry in one line', () => {
  it('tells a flag once and in words: its kind, its cell and who scored what', () => {
    const flags = [{ id: 'objective_mismatch/b1/record', kind: 'objective_mismatch', bidder: 'b1', criterion: 'record', values: [{ seat: '专家A', score: '1' }] }]
    const kind = i18n.global.t('fact.value.flag.objective_mismatch')
    expect(kind).not.toContain('mismatch')
    expect(line({ flags })).toBe(`${i18n.global.t('fact.name.flags')}：${kind} b1 record 专家A 1`)
    switchLang('en')
    expect(line({ flags })).not.toContain('objective_mismatch')
  })

  it('tells every field of anything else', () => {
    expect(line({ tally: [{ seat: '专家A', votes: 3 }] })).toContain('专家A 3')
  })
})
