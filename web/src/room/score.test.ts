import { describe, expect, it } from 'vitest'
import { deduction, parseScore, readScore, showScore, spellScore, stepped } from './score'

describe('scores are exact decimals', () => {
  it.each([['7.5', '7.5'], ['07.50', '7.5'], ['12', '12'], ['0', '0'], ['7.', '7'], ['７．５', '7.5'], ['0.10', '0.1'], [' 3,5 ', '3.5'], ['9999.9999', '9999.9999']])(
    '%s is written %s on the wire',
    (typed, wire) => expect(spellScore(parseScore(typed)!)).toBe(wire),
  )
  it.each(['', '-1', '1e3', '.5', '7..5', 'NaN', '12345', '1.23456', '七'])('%s is no score', (typed) => expect(parseScore(typed)).toBeNull())
  it('adds tenths without drifting', () => expect(spellScore(Array(10).fill('0.1').reduce((sum: bigint, one) => sum + parseScore(one as string)!, 0n))).toBe('1'))
  it('refuses what is above the full mark or off the step', () => {
    expect(readScore('12.5', '12', '0.5')).toEqual({ fault: 'out_of_range' })
    expect(readScore('7.3', '12', '0.5')).toEqual({ fault: 'off_step' })
    expect(readScore('x', '12', '0.5')).toEqual({ fault: 'not_a_score' })
    expect(readScore('12.0', '12', '0.5')).toEqual({ score: '12' })
    expect(readScore('0.3', '1', '0.1')).toEqual({ score: '0.3' })
  })
  it('steps inside the range', () => {
    expect(stepped(null, '12', '0.5', 1)).toBe('0')
    expect(stepped(null, '12', '0.5', -1)).toBe('12')
    expect(stepped('12', '12', '0.5', 1)).toBe('12')
    expect(stepped('0', '12', '0.5', -1)).toBe('0')
    expect(stepped('7', '12', '0.5', -1)).toBe('6.5')
  })
  it('shows a column with equal decimals', () => {
    expect(showScore('7', '0.5')).toBe('7.0')
    expect(showScore('7.25', '0.25')).toBe('7.25')
    expect(showScore('7', '1')).toBe('7')
  })
  it('says how much is taken off', () => expect(deduction('9', '12')).toBe('3'))
})
