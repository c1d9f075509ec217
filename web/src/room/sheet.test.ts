import { expect, it } from 'vitest'
import { cellKey, countOf, emptyDraft, readDraft, sheetOf, stateOf, type Draft } from './sheet'
import type { Criteria } from './types'

const criteria: Criteria = {
  price_weight: '80',
  criteria: [
    { id: 'c1', title: 'x', max: '12', step: '0.5', kind: 'subjective', guide: '' },
    { id: 'c2', title: 'y', max: '8', step: '1', kind: 'objective', guide: '' },
  ],
}
const bidders = [{ id: 'b1' }, { id: 'b2' }]
const draft = (cells: Draft['cells']): Draft => ({ v: 1, criteria_sha256: 'aa', cells })

it('a score below the full mark is not done without a reason', () => {
  expect(stateOf({ score: '9', reason: ' ', pages: [] }, '12')).toBe('reason_missing')
  expect(stateOf({ score: '9', reason: 'because', pages: [] }, '12')).toBe('done')
  expect(stateOf({ score: '12', reason: '', pages: [] }, '12')).toBe('done')
  expect(stateOf(undefined, '12')).toBe('empty')
})

it('counts cells of the criteria and nothing else', () => {
  const some = draft({ [cellKey('b1', 'c1')]: { score: '9', reason: '', pages: [] }, [cellKey('b2', 'c2')]: { score: '8', reason: '', pages: [] }, 'gone/c1': { score: '1', reason: 'x', pages: [] } })
  expect(countOf(some, criteria, bidders)).toEqual({ scored: 2, done: 1, of: 4, reasons: 1 })
})

it('orders marks by bidder, then criterion, and trims reasons', () => {
  const cells = Object.fromEntries(['c2', 'c1'].flatMap((c) => ['b2', 'b1'].map((b) => [cellKey(b, c), { score: '1', reason: ' why ', pages: [] }])))
  const sheet = sheetOf(draft(cells), { evaluation_id: 'ev', seat: 'e1', criteria, bidders })
  expect(sheet.marks.map((mark) => [mark.bidder, mark.criterion, mark.reason])).toEqual([['b1', 'c1', 'why'], ['b1', 'c2', 'why'], ['b2', 'c1', 'why'], ['b2', 'c2', 'why']])
})

it('refuses to make a sheet of an unfinished draft', () => {
  expect(() => sheetOf(emptyDraft('aa'), { evaluation_id: 'ev', seat: 'e1', criteria, bidders })).toThrow(RangeError)
})

it('drops a draft that is unreadable or of other criteria', () => {
  expect(readDraft('{', 'aa').cells).toEqual({})
  expect(readDraft(JSON.stringify(draft({ 'b1/c1': { score: '1', reason: '', pages: [] } })), 'bb').cells).toEqual({})
  expect(Object.keys(readDraft(JSON.stringify(draft({ 'b1/c1': { score: '1', reason: '', pages: [] } })), 'aa').cells)).toEqual(['b1/c1'])
})
