import { describe, expect, it } from 'vitest'
import vectors from '../../../../tests/vectors/pinyin.json'
import { folded, readingsOf, spelt } from './pinyin'

describe('pinyin on the page', () => {
  it.each(vectors.spelt)('$word in $pinyin: $spelt', ({ pinyin, word, spelt: expected }) => {
    expect(spelt(readingsOf(pinyin), folded(word))).toBe(expected)
  })
  it('holds words that spell and words that do not', () => {
    expect(new Set(vectors.spelt.map((one) => one.spelt))).toEqual(new Set([true, false]))
  })
})
