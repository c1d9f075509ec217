import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { usePlaying, type Playing } from './playing'

let scope: ReturnType<typeof effectScope>
let play: Playing
beforeEach(() => {
  vi.useFakeTimers()
  scope = effectScope()
  play = scope.run(() => usePlaying(() => ({ from: 1000, to: 11_000 }), () => Date.now()))!
  play.seek(1000)
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

it('stands still until it is played, and runs at its rate', () => {
  vi.advanceTimersByTime(1000)
  expect(play.at.value).toBe(1000)
  play.toggle()
  vi.advanceTimersByTime(1000)
  expect(play.at.value).toBe(2000)
  play.faster()
  vi.advanceTimersByTime(1000)
  expect([play.rate.value, play.at.value]).toEqual([2, 4000])
  play.toggle()
  vi.advanceTimersByTime(5000)
  expect(play.at.value).toBe(4000)
})

it('stops at the end, and begins again from there', () => {
  play.seek(10_900)
  play.toggle()
  vi.advanceTimersByTime(1000)
  expect([play.at.value, play.playing.value]).toEqual([11_000, false])
  play.toggle()
  expect(play.at.value).toBe(1000)
})

it('stays on its scale', () => {
  play.seek(-5)
  expect(play.at.value).toBe(1000)
  play.seek(99_999)
  expect(play.at.value).toBe(11_000)
  expect([1, 2, 3].map(() => (play.faster(), play.rate.value))).toEqual([2, 4, 1])
})
