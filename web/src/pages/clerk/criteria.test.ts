import { expect, it } from 'vitest'
import { faultOf, readCriteria, spelled, sumOf } from './criteria'
import type { Criteria } from '@/api/shapes'

const line = (id: string, max: string, step = '0.5'): Criteria['criteria'][number] => ({ id, title: id, max, step, kind: 'subjective', guide: '' })

it('adds price weight and maxima exactly', () => {
  expect(sumOf({ price_weight: '30', criteria: [line('a', '33.3'), line('b', '36.7')] })).toBe('100')
  expect(sumOf({ price_weight: '30', criteria: [line('a', 'x')] })).toBe('–')
})

it('names the first thing that is wrong', () => {
  expect(faultOf({ price_weight: '30', criteria: [] })).toBe('empty')
  expect(faultOf({ price_weight: '30', criteria: [line('a', '35'), line('a', '35')] })).toBe('ids')
  expect(faultOf({ price_weight: '30', criteria: [line('a', '0'), line('b', '70')] })).toBe('number')
  expect(faultOf({ price_weight: '30', criteria: [line('a', '70', '0.3')] })).toBe('step')
  expect(faultOf({ price_weight: '30', criteria: [line('a', '69')] })).toBe('sum')
  expect(faultOf({ price_weight: '30', criteria: [line('a', '70')] })).toBeNull()
})

it('reads a file with or without its outer member, and nothing else', () => {
  const inner = { price_weight: '30', criteria: [line('a', '70')] }
  expect(readCriteria(JSON.stringify(inner))).toEqual(inner)
  expect(readCriteria(JSON.stringify({ criteria: inner }))).toEqual(inner)
  expect(readCriteria('[]')).toBeNull()
  expect(readCriteria('{')).toBeNull()
})

it('writes numbers in their only spelling', () => {
  expect(spelled({ price_weight: '30.0', criteria: [line('a', '70.00', '0.50')] })).toMatchObject({ price_weight: '30', criteria: [{ max: '70', step: '0.5' }] })
})
