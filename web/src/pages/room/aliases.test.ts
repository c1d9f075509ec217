import { afterEach, describe, expect, it } from 'vitest'
import { switchLang } from '@/i18n'
import { withAliases } from './roomWords'

const SEATS = [{ seat: 'e1', alias: '专家A' }, { seat: 'e2', alias: '专家B' }, { seat: 'o1', alias: '代表1' }]
afterEach(() => switchLang('zh-CN'))

describe('seats in the facts of an entry', () => {
  it('stand under their aliases, wherever a seat is meant', () => {
    const facts = { seat: 'e1', replaces: 'o1', tally: [{ seat: 'e2', votes: 3 }], elected: 'e2', seats: ['e1', 'e2'] }
    expect(withAliases(facts, SEATS)).toEqual({ seat: '专家A', replaces: '代表1', tally: [{ seat: '专家B', votes: 3 }], elected: '专家B', seats: ['专家A', '专家B'] })
  })

  it('are spoken in the language of the page', () => {
    switchLang('en')
    expect(withAliases({ seat: 'e1', replaces: 'o1' }, SEATS)).toEqual({ seat: 'Expert A', replaces: 'Representative 1' })
  })

  it('leave everything else alone: a criterion or a bidder may be called e1 too', () => {
    const facts = { criterion: 'e1', bidder: 'e2', note: 'e1', round: 1, elected: null }
    expect(withAliases(facts, SEATS)).toEqual(facts)
    expect(withAliases({ seat: 'e9' }, SEATS)).toEqual({ seat: 'e9' })
  })

  it('end the id of a flag that asks one of them', () => {
    expect(withAliases({ open_flags: ['outlier/b1/plan/e2', 'objective_mismatch/b1/e1'] }, SEATS)).toEqual({ open_flags: ['outlier/b1/plan/专家B', 'objective_mismatch/b1/e1'] })
  })
})
