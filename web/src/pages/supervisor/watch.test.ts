import { describe, expect, it } from 'vitest'
import { axesOf, bandPath, HEIGHT, ticks, WIDTH } from './watch'

const band = (n: number): { n: number; inner: [number, number]; outer: [number, number] } => ({ n, inner: [0.1, 0.3], outer: [0, 0.5] })
const board = { points: [{ requester: 'a', share: { k: 5, n: 50 }, outside: false }, { requester: 'b', share: { k: 60, n: 100 }, outside: true }], bands: [band(10), band(50), band(100)] }

describe('the funnel plot', () => {
  it.each([[100, 5, [0, 20, 40, 60, 80, 100]], [7, 5, [0, 2, 4, 6, 8]], [0.3, 4, [0, 0.1, 0.2, 0.3]], [1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]]] as const)('ticks up to %d are round', (most, count, wanted) => expect(ticks(most, count)).toEqual([...wanted]))
  it('keeps every point inside, the larger share higher, more invitations to the right', () => {
    const axes = axesOf(board)
    for (const { share } of board.points) {
      expect(axes.x(share.n)).toBeLessThanOrEqual(WIDTH)
      expect(axes.y(share.k / share.n)).toBeGreaterThanOrEqual(0)
    }
    expect(axes.y(0.6)).toBeLessThan(axes.y(0.1))
    expect(axes.x(100)).toBeGreaterThan(axes.x(50))
    expect(axes.y(0)).toBeLessThan(HEIGHT)
  })
  it('draws a band as one closed shape, cut at the top of the plot', () => {
    const axes = axesOf(board)
    expect(bandPath(board.bands, 'inner', axes)).toMatch(/^M[\d.,L]+Z$/)
    expect(bandPath([], 'inner', axes)).toBe('')
    expect(axes.y(9)).toBe(axes.y(Math.max(...axes.yTicks, 0.66)))
  })
})
