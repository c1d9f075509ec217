// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { concat, unsigned, utf8, type Bytes } from './bytes'
import { entriesOf, placeOf, TileReader } from './tiles'
import { logConsistent, logLeaf, logRoot } from './trees'

const SIZE = 1300
const data = Array.from({ length: SIZE }, (_, i) => utf8(`entry ${i}`))

/** A log of `size` entries as static files, made the slow way: every hash from its own leaves. */
async function files(size: number): Promise<Map<string, Bytes>> {
  const found = new Map<string, Bytes>()
  let nodes = await Promise.all(data.slice(0, size).map((one) => logLeaf(one)))
  const bundle = (first: number, width: number): Bytes => concat(...data.slice(first, first + width).flatMap((one) => [unsigned(one.length, 2), one]))
  for (let level = 0; nodes.length > 0; level += 1) {
    const above: Bytes[] = []
    for (let first = 0; first < nodes.length; first += 256) {
      const tile = nodes.slice(first, first + 256)
      found.set(`tile/${placeOf(level, first / 256, tile.length)}`, concat(...tile))
      if (level === 0) found.set(`tile/${placeOf('entries', first / 256, tile.length)}`, bundle(first, tile.length))
      if (tile.length === 256) above.push(await logRoot(tile))
    }
    nodes = above
  }
  return found
}

let made: Promise<Map<string, Bytes>> | undefined

async function reader(): Promise<TileReader> {
  const held = await (made ??= files(SIZE))
  return new TileReader(async (place) => {
    const found = held.get(place)
    if (!found) throw new Error(`no ${place}`)
    return found
  })
}

const rootOf = async (size: number): Promise<Bytes> => logRoot(await Promise.all(data.slice(0, size).map((one) => logLeaf(one))))

describe('tiles', () => {
  it('have the address the specification gives', () => {
    expect(placeOf(0, 1234067, 256)).toBe('0/x001/x234/067')
    expect(placeOf('entries', 0, 112)).toBe('entries/000.p/112')
    expect(placeOf(1, 1000, 256)).toBe('1/x001/000')
  })

  it('give every entry of a stretch and no other', async () => {
    const log = await reader()
    for (const [start, end] of [[0, 1], [250, 260], [511, 513], [1000, SIZE], [7, 7]] as const) expect(await log.entries(start, end, SIZE)).toEqual(data.slice(start, end))
  })

  it.each([1, 2, 255, 256, 257, 511, 512, 700, 1024, 1299, 1300])('prove that a log of 1300 began with %i', async (from) => {
    const proof = await (await reader()).consistency(from, SIZE)
    expect(await logConsistent(from, await rootOf(from), SIZE, await rootOf(SIZE), proof)).toBe(true)
  })

  it('of a wrong width or cut short are refused', async () => {
    expect(() => entriesOf(new Uint8Array([0, 5, 1]))).toThrow()
    expect(() => entriesOf(new Uint8Array([0]))).toThrow()
    const cut = new TileReader(async () => new Uint8Array(31))
    await expect(cut.consistency(3, 5)).rejects.toThrow()
    await expect(new TileReader(async () => new Uint8Array([0, 0])).entries(0, 2, 2)).rejects.toThrow()
  })
})
