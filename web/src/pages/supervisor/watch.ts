/** Shapes of the watch board, and the geometry of its funnel plot. */
import type { components } from '@/contract/openapi'

export type WatchBoard = components['schemas']['WatchOut']
export type Odd = components['schemas']['OddOut']
export type Running = components['schemas']['RunningOut']

export const WIDTH = 560
export const HEIGHT = 250
const LEFT = 48
const RIGHT = 14
const TOP = 14
const BOTTOM = 34

export interface Axes { x: (n: number) => number; y: (share: number) => number; xTicks: number[]; yTicks: number[] }

/** Round numbers from 0 up to and past `most`, about `count` of them. */
export function ticks(most: number, count: number): number[] {
  const rough = most / count
  const size = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * size).find((one) => one >= rough)!
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

/** Invitations to the right, shares upwards. */
export function axesOf(board: Pick<WatchBoard, 'points' | 'bands'>): Axes {
  const most = Math.max(1, ...board.points.map((one) => one.share.n))
  const rates = board.points.map((one) => one.share.k / one.share.n)
  const settled = board.bands.filter((one) => one.n >= most / 8).map((one) => one.outer[1])
  const highest = Math.min(1, Math.max(0.1, ...rates, ...settled) * 1.1)
  const [xTicks, yTicks] = [ticks(most, 5), ticks(highest, 4).filter((one) => one <= 1)]
  const [right, top] = [Math.max(most, xTicks.at(-1)!), Math.max(highest, yTicks.at(-1)!)]
  return {
    xTicks, yTicks,
    x: (n) => LEFT + ((WIDTH - LEFT - RIGHT) * n) / right,
    y: (share) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * Math.min(share, top)) / top,
  }
}

/** A closed path along the upper edge and back along the lower one. */
export function bandPath(bands: WatchBoard['bands'], which: 'inner' | 'outer', { x, y }: Axes): string {
  const upper = bands.map((one) => `${x(one.n).toFixed(1)},${y(one[which][1]).toFixed(1)}`)
  const lower = [...bands].reverse().map((one) => `${x(one.n).toFixed(1)},${y(one[which][0]).toFixed(1)}`)
  return bands.length ? `M${[...upper, ...lower].join('L')}Z` : ''
}
