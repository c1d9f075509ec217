import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PageViews, type ToldView } from './pageViews'

let told: ToldView[][]
let away = false
let views: PageViews
beforeEach(() => {
  vi.useFakeTimers()
  told = []
  away = false
  views = new PageViews(async (some) => {
    if (away) throw new Error('away')
    told.push(some)
  }, () => Date.now())
})
afterEach(() => {
  views.close()
  vi.useRealTimers()
})

it('tells once a minute what was looked at, the open page up to now', async () => {
  views.turn('d1', 3)
  await vi.advanceTimersByTimeAsync(20_000)
  views.turn('d1', 4)
  await vi.advanceTimersByTimeAsync(1000)
  views.turn('d1', 5) // page 4 was only turned over
  await vi.advanceTimersByTimeAsync(39_000)
  expect(told).toEqual([[{ document: 'd1', page: 3, ago: 60, seconds: 20 }, { document: 'd1', page: 5, ago: 39, seconds: 39 }]])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told[1]).toEqual([{ document: 'd1', page: 5, ago: 60, seconds: 60 }])
})

it('tells nothing while nothing is open', async () => {
  views.turn('d1', 1)
  views.turn(null, 1)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(told).toEqual([])
})

it('tells later what could not be told', async () => {
  views.turn('d1', 3)
  away = true
  await vi.advanceTimersByTimeAsync(60_000)
  away = false
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told[0]!.map((one) => [one.ago, one.seconds])).toEqual([[120, 60], [60, 60]])
})
