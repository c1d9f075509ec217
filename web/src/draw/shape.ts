/** Small readers for "exactly the members shown, all of them". A reader takes a parsed value and its place, and gives it back typed. */
export class WrongShape extends Error {
  constructor(readonly place: string, what: string) {
    super(`${place}: ${what}`)
  }
}

export type Reader<T> = (value: unknown, place: string) => T
export type Read<R> = R extends Reader<infer T> ? T : never

export const text: Reader<string> = (value, place) => {
  if (typeof value !== 'string') throw new WrongShape(place, 'not a string')
  return value
}

export const flag: Reader<boolean> = (value, place) => {
  if (typeof value !== 'boolean') throw new WrongShape(place, 'not true or false')
  return value
}

/** An integer from `low` to `high`, both included. */
export const integer = (low = 0, high = Number.MAX_SAFE_INTEGER): Reader<number> => (value, place) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < low || value > high) throw new WrongShape(place, 'not an integer in range')
  return value
}

/** Lower-case hex of exactly `size` bytes; `orEmpty` allows "". */
export const hex = (size: number, orEmpty = false): Reader<string> => (value, place) => {
  const found = text(value, place)
  if (orEmpty && found === '') return found
  if (found.length !== 2 * size || !/^[0-9a-f]*$/.test(found)) throw new WrongShape(place, `not ${size} bytes of lower-case hex`)
  return found
}

export const matching = (pattern: RegExp): Reader<string> => (value, place) => {
  const found = text(value, place)
  if (!pattern.test(found)) throw new WrongShape(place, 'not of the form asked')
  return found
}

export const oneOf = <const T extends string>(...words: readonly T[]): Reader<T> => (value, place) => {
  if (!words.includes(value as T)) throw new WrongShape(place, `none of ${words.join(', ')}`)
  return value as T
}

/** A list of `least` or more items. */
export const list = <T>(item: Reader<T>, least = 0): Reader<T[]> => (value, place) => {
  if (!Array.isArray(value) || value.length < least) throw new WrongShape(place, 'not a list, or too short')
  return value.map((one, i) => item(one, `${place}[${i}]`))
}

export const record: Reader<Record<string, unknown>> = (value, place) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongShape(place, 'not an object')
  return value as Record<string, unknown>
}

type Members = Record<string, Reader<unknown>>
type Object_<M extends Members> = { [K in keyof M]: Read<M[K]> }

/** Exactly these members. Those in `filled` may be missing and then read as the value given there. */
export const object = <const M extends Members>(members: M, filled: Partial<Record<keyof M, unknown>> = {}): Reader<Object_<M>> => (value, place) => {
  const found = record(value, place)
  for (const key of Object.keys(found)) if (!Object.hasOwn(members, key)) throw new WrongShape(`${place}.${key}`, 'not a member')
  const read = Object.entries(members).map(([key, reader]) => {
    const present = Object.hasOwn(found, key)
    if (!present && !Object.hasOwn(filled, key)) throw new WrongShape(`${place}.${key}`, 'missing')
    return [key, reader(present ? found[key] : filled[key], `${place}.${key}`)]
  })
  return Object.fromEntries(read) as Object_<M>
}

/** One reader per value of a member (`kind`, `type`). */
export const byMember = <const V extends Record<string, Reader<unknown>>>(member: string, variants: V): Reader<Read<V[keyof V]>> => (value, place) => {
  const found = record(value, place)
  const reader = Object.hasOwn(variants, String(found[member])) ? variants[String(found[member])] : undefined
  if (!reader) throw new WrongShape(`${place}.${member}`, 'not known')
  return reader(found, place) as Read<V[keyof V]>
}
