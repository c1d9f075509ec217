import { describe, expect, it } from 'vitest'
import { asCsv, byReason, hintOf, inOrder, wordsOf } from './problems'

const problem = (sheet: string, row: number, column: string, code = 'pool.value_missing', facts: Record<string, unknown> = {}) => ({ sheet, row, column, code, value_hint: 'text:3', facts })

describe('problems of an import', () => {
  it('stand by sheet, row and column as the workbook has them', () => {
    const given = [problem('专家', 9, '姓名'), problem('二', 1, '姓名'), problem('专家', 2, '姓名'), problem('专家', 2, '手机号')]
    expect(inOrder(given).map((one) => `${one.sheet}${one.row}${one.column}`)).toEqual(['专家2姓名', '专家2手机号', '专家9姓名', '二1姓名'])
    expect(given[0]!.row).toBe(9)
  })

  it('are counted by reason, the most frequent first', () => {
    expect(byReason([problem('a', 1, 'x', 'pool.b'), problem('a', 2, 'x', 'pool.a'), problem('a', 3, 'x', 'pool.a')])).toEqual([{ code: 'pool.a', n: 2 }, { code: 'pool.b', n: 1 }])
  })

  it('take their words and facts from the catalogue', () => {
    expect(wordsOf(problem('a', 1, '评标专业', 'classification.unknown_code', { version: '2018', specialty: 'Z99' })).sentence).toContain('Z99')
    expect(wordsOf(problem('a', 1, 'x', 'pool.no_such_reason'))).toEqual({ sentence: 'pool.no_such_reason', way_out: '' })
  })

  it('say form and length and never the value', () => {
    expect(hintOf('text:17')).toEqual({ form: 'text', length: 17 })
    expect(hintOf('')).toEqual({ form: '', length: 0 })
  })

  it('can be kept as CSV that a spreadsheet opens without running anything', () => {
    expect(asCsv(['列', '行'], [['=HYPERLINK("x")', 3]])).toBe('\uFEFF"列","行"\r\n"\'=HYPERLINK(""x"")","3"\r\n')
  })
})
