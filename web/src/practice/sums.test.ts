import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/vectors/practice_sums.json'
import type { Criteria, Flag, OpenedSheet, Results, ScoreAmended } from '@/room/types'
import { flagsOf, resultsOf } from './sums'

describe.each(vectors.map((one) => [one.name, one] as const))('sums of the toy: %s', (_, one) => {
  const of = { criteria: one.criteria as Criteria, bidders: one.bidders, sheets: one.sheets as OpenedSheet[], amended: one.amended as ScoreAmended[] }

  it('asks what the room asks', () => expect(flagsOf(of)).toEqual(one.flags as Flag[]))
  it('adds up as the room does', () => expect(resultsOf(of)).toEqual(one.results as Results))
})
