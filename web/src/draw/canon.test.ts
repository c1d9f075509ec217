// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes'
import { canonText, NotCanonical, readCanonical } from './canon'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('canonical encoding', () => {
  it('sorts keys as strings and keeps text as given', () => {
    expect(canonText({ b: { '9': 'x\ny', '10': true }, a: [1, '重庆'] })).toBe('{"a":[1,"重庆"],"b":{"10":true,"9":"x\\ny"}}')
    expect(canonText(['\u2028\u007f\b', '\u0001', 'e\u0301'])).toBe('["\u2028\u007f\\b","\\u0001","e\u0301"]')
  })

  it.each([
    ['fraction', '1.5'], ['integer written as fraction', '[1.0]'], ['exponent', '[1e3]'], ['NaN', '[NaN]'], ['null', '[null]'],
    ['2^53', '[9007199254740992]'], ['2^53+1', '[9007199254740993]'], ['minus zero', '[-0]'], ['leading zero', '[01]'],
    ['lone surrogate', '["\\ud800"]'], ['lone surrogate in a key', '{"\\ud800":1}'], ['escaped where not needed', '["\\u0041"]'], ['escaped slash', '["\\/"]'],
    ['upper-case escape', '["\\u001F"]'], ['duplicate key', '{"a":1,"a":1}'], ['__proto__', '{"__proto__":1}'], ['unsorted', '{"b":1,"a":2}'],
    ['"9" before "10"', '{"9":1,"10":2}'], ['white space', '{"a": 1}'], ['newline at the end', '[1]\n'], ['not ASCII key', '{"é":1}'],
    ['depth 33', nested(33)], ['depth 100000', nested(100000)], ['two values', '1 2'], ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => readCanonical(utf8(text))).toThrow(NotCanonical)
  })

  it('refuses bytes that are not UTF-8 and a byte order mark', () => {
    expect(() => readCanonical(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(NotCanonical)
    expect(() => readCanonical(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]))).toThrow(NotCanonical)
  })

  it('accepts what lies at the limits', () => {
    expect(readCanonical(utf8(nested(32)))).toBeTypeOf('object')
    expect(readCanonical(utf8('[9007199254740991,-9007199254740991,"😀"]'))).toEqual([9007199254740991, -9007199254740991, '😀'])
  })
})
