/** §1: the one way to write an object as bytes, and the one way to read bytes as an object. */
import { fromUtf8, utf8, type Bytes } from './bytes'

export type Json = boolean | number | string | Json[] | { [key: string]: Json }

/** The text or value is not canonical; `message` says why, for people who build bundles. */
export class NotCanonical extends Error {}

const MAX_DEPTH = 32
const ASCII = /^\p{ASCII}*$/u
const LONE_SURROGATE = /\p{Surrogate}/u

/** Canonical text. Keys are sorted as strings; a sorted object would lose `__proto__` and reorder "10" and "9". */
export function canonText(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'boolean':
      return String(value)
    case 'number':
      if (!Number.isSafeInteger(value)) throw new NotCanonical('number is not a safe integer')
      return Object.is(value, -0) ? '0' : String(value)
    case 'string':
      if (LONE_SURROGATE.test(value)) throw new NotCanonical('lone surrogate')
      return JSON.stringify(value)
    case 'object':
      if (value === null) throw new NotCanonical('null')
      if (depth >= MAX_DEPTH) throw new NotCanonical('too deep')
      return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth)
    default:
      throw new NotCanonical(`a ${typeof value} has no canonical form`)
  }
}

function arrayText(value: readonly unknown[], depth: number): string {
  return `[${value.map((item) => canonText(item, depth + 1)).join(',')}]`
}

function objectText(value: object, depth: number): string {
  const members = Object.entries(value).map(([key, item]) => {
    if (!ASCII.test(key) || key === '__proto__') throw new NotCanonical(`key ${JSON.stringify(key)}`)
    return [key, `${JSON.stringify(key)}:${canonText(item, depth + 1)}`] as const
  })
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([, text]) => text).join(',')}}`
}

export const canon = (value: unknown): Bytes => utf8(canonText(value))

/** Reads canonical bytes; fractions, exponents, NaN, null, big numbers, duplicate keys and any other spelling are refused. */
export function readCanonical(bytes: Uint8Array): Json {
  let text: string
  let value: Json
  try {
    text = fromUtf8(bytes)
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new NotCanonical(cause instanceof Error ? cause.message : 'unreadable')
  }
  // Duplicate keys, 1.0, 1e3 and white space all show as a difference from the canonical text.
  if (canonText(value) !== text) throw new NotCanonical('the bytes are not the canonical form')
  return value
}
