import { describe, expect, it } from 'vitest'
import { CELLS, cellMeans, INK, LOOK, masked, mosaic, PAPER, silhouette, STEPS, threshold } from './mask'

type Paint = (x: number, y: number) => [number, number, number]
function painted(paint: Paint): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(LOOK.width * LOOK.height * 4)
  for (let y = 0; y < LOOK.height; y += 1) for (let x = 0; x < LOOK.width; x += 1) pixels.set([...paint(x, y), 255], (y * LOOK.width + x) * 4)
  return pixels
}
/** A face of a kind: skin with eyes, a nose and a mouth, in front of a light wall. */
const face = (turned: boolean): Paint => (x, y) => {
  const [dx, dy] = [(turned ? LOOK.width - 1 - x : x) - 80, y - 48]
  if (dx * dx / 900 + dy * dy / 1600 > 1) return [232, 230, 226]
  const eye = (at: number): boolean => (dx - at) ** 2 + (dy + 10) ** 2 < 16
  if (eye(-11) || eye(12) || (Math.abs(dx - 3) < 9 && Math.abs(dy - 17) < 2)) return [40, 30, 30]
  return [196, 160, 132]
}
const differ = (a: ArrayLike<number>, b: ArrayLike<number>): number => [...Array(a.length).keys()].reduce((sum, i) => sum + Math.abs(a[i]! - b[i]!), 0) / a.length

describe('the mosaic', () => {
  it('is one colour a cell: the mean of its part, rounded to few steps', () => {
    const cells = mosaic(painted((x) => (x < 80 ? [255, 0, 0] : [0, 0, 100])))
    expect(cells).toHaveLength(CELLS.width * CELLS.height * 4)
    expect([...cells.slice(0, 4)]).toEqual([255, 0, 0, 255])
    expect([...cells.slice(-4)]).toEqual([0, 0, 102, 255])
    const tones = new Set([...mosaic(painted((x, y) => [x, y, (x + y) % 256]))].filter((_, i) => i % 4 === 0))
    expect(tones.size).toBeLessThanOrEqual(STEPS)
  })

  it('cannot be undone: pictures that share their means share their mosaic, whatever is in the cells', () => {
    const stripes = painted((x) => (x % 2 ? [200, 200, 200] : [100, 100, 100]))
    const checks = painted((x, y) => ((x >> 2) + (y >> 2)) % 2 ? [200, 200, 200] : [100, 100, 100])
    const flat = painted(() => [150, 150, 150])
    expect(differ(stripes, checks)).toBeGreaterThan(20)
    expect([...mosaic(stripes)]).toEqual([...mosaic(flat)])
    expect([...mosaic(checks)]).toEqual([...mosaic(flat)])
  })

  it('loses the features of a face and keeps that somebody is there', () => {
    const plain = painted((x, y) => (((x - 80) ** 2) / 900 + ((y - 48) ** 2) / 1600 > 1 ? [232, 230, 226] : [196, 160, 132]))
    const [seen, bare, empty] = [mosaic(painted(face(false))), mosaic(plain), mosaic(painted(() => [232, 230, 226]))]
    expect(differ(seen, empty)).toBeGreaterThan(10)
    expect(differ(seen, bare)).toBeLessThan(differ(seen, empty) / 4)
    expect(differ(seen, mosaic(painted(face(true))))).toBeLessThan(differ(seen, empty) / 4)
  })
})

describe('the silhouette', () => {
  it('has two tones and no features: a turned head gives the same outline', () => {
    const cells = silhouette(painted(face(false)))
    const tones = new Set(Array.from({ length: cells.length / 4 }, (_, i) => [...cells.slice(i * 4, i * 4 + 3)].join()))
    expect([...tones].sort()).toEqual([INK.join(), PAPER.join()].sort())
    const [here, there] = [cells, silhouette(painted(face(true)))]
    expect(differ(here, there)).toBeLessThan(2)
  })
  it('parts dark from light, and bears a picture of one tone', () => {
    expect(threshold([10, 12, 11, 200, 210])).toBeCloseTo(106, 0)
    expect(threshold([7, 7, 7])).toBe(7)
    expect([...silhouette(painted(() => [9, 9, 9])).slice(0, 3)]).toEqual([...PAPER])
  })
})

describe('a mask', () => {
  it('is of the kind that the overlay names, and of none it is still a mask', () => {
    const picture = painted(face(false))
    expect([...masked('silhouette', picture)]).toEqual([...silhouette(picture)])
    expect([...masked('pixelated', picture)]).toEqual([...mosaic(picture)])
    expect([...masked('none', picture)]).toEqual([...mosaic(picture)])
    expect(cellMeans(picture)).toHaveLength(CELLS.width * CELLS.height * 3)
  })
})
