import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/vectors/room_view.json'
import { apply, emptyView, foldAll, SequenceGap } from './fold'
import type { RoomView, Told } from './types'

/** Absent and null say the same on the wire. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined).map(([key, one]) => [key, plain(one)]))
}

describe.each(vectors.map((one) => [one.viewer, one] as const))('the view stream of %s', (_, vector) => {
  const events = vector.events as unknown as Told[]

  it('folds to the view of the vector', () => expect(plain(foldAll(events))).toEqual(plain(vector.view)))

  it('is the same for a screen that joins late, whenever it joins', () => {
    const whole = foldAll(events)
    for (let joined = 0; joined <= events.length; joined += 1) {
      const snapshot = JSON.parse(JSON.stringify(foldAll(events.slice(0, joined)))) as RoomView
      expect(foldAll(events.slice(joined), snapshot)).toEqual(whole)
    }
  })

  it('refuses a gap and a repetition', () => {
    expect(() => foldAll(events.slice(1))).toThrow(SequenceGap)
    expect(() => apply(apply(emptyView(), events[0]!), events[0]!)).toThrow(SequenceGap)
  })

  it('never changes a view it was given', () => {
    let view = emptyView()
    for (const told of events) {
      const before = JSON.stringify(view)
      const next = apply(view, told)
      expect(JSON.stringify(view)).toBe(before)
      view = next
    }
  })
})
