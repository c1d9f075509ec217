/** The log as C2SP tlog-tiles: entries and proofs from whatever gives bytes by address. Nothing it returns is believed unproved. */
import type { Bytes } from './bytes'
import { must, type PublicLog } from './case'
import { logNode, split } from './trees'

const WIDTH = 256
const HASH = 32
type Level = number | 'entries'

/** Address below the log's prefix → bytes. Throws LogSilent when nobody answers. */
export type Fetch = (place: string) => Promise<Bytes>

/** `<L>/<N>[.p/<W>]`: the index in groups of three digits, all but the last behind an x. */
export function placeOf(level: Level, index: number, width: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  const last = groups.pop() ?? '000'
  return [String(level), ...groups.map((group) => `x${group}`), width === WIDTH ? last : `${last}.p/${width}`].join('/')
}

export function entriesOf(bundle: Bytes): Bytes[] {
  const found: Bytes[] = []
  for (let at = 0; at < bundle.length; ) {
    must(at + 2 <= bundle.length, 'an entry bundle ends within an entry')
    const end = at + 2 + 256 * bundle[at]! + bundle[at + 1]!
    must(end <= bundle.length, 'an entry bundle ends within an entry')
    found.push(bundle.slice(at + 2, end))
    at = end
  }
  return found
}

export class TileReader implements PublicLog {
  private readonly held = new Map<string, Promise<Bytes>>()

  constructor(private readonly fetch: Fetch) {}

  async checkpoint(): Promise<string> {
    return new TextDecoder('utf-8', { fatal: true }).decode(await this.fetch('checkpoint'))
  }

  async entries(start: number, end: number, size: number): Promise<Bytes[]> {
    const found: Bytes[] = []
    for (let index = Math.floor(start / WIDTH); index * WIDTH < end; index += 1) {
      const first = index * WIDTH
      const width = Math.min(WIDTH, size - first)
      const entries = entriesOf(await this.fetch(`tile/${placeOf('entries', index, width)}`))
      must(entries.length === width, `entry bundle ${index} holds ${entries.length} entries`)
      found.push(...entries.slice(Math.max(0, start - first), end - first))
    }
    return found
  }

  async consistency(from: number, to: number): Promise<Bytes[]> {
    return from === 0 || from === to ? [] : this.subproof(from, 0, to, to, true)
  }

  /** RFC 9162 §2.1.4.1 over the entries start..end-1. */
  private async subproof(from: number, start: number, end: number, size: number, whole: boolean): Promise<Bytes[]> {
    if (from === end) return whole ? [] : [await this.root(start, end, size)]
    const middle = start + split(end - start)
    if (from <= middle) return [...(await this.subproof(from, start, middle, size, whole)), await this.root(middle, end, size)]
    return [...(await this.subproof(from, middle, end, size, false)), await this.root(start, middle, size)]
  }

  /** Root over the entries start..end-1: what is a whole subtree of some level comes from its tile. */
  private async root(start: number, end: number, size: number): Promise<Bytes> {
    let [level, span] = [0, 1]
    const width = end - start
    while (width % (span * WIDTH) === 0 && start % (span * WIDTH) === 0) [level, span] = [level + 1, span * WIDTH]
    if (width === span) return this.hash(level, start / span, Math.floor(size / span))
    const middle = start + split(width)
    return logNode(await this.root(start, middle, size), await this.root(middle, end, size))
  }

  private async hash(level: number, at: number, count: number): Promise<Bytes> {
    const index = Math.floor(at / WIDTH)
    const width = Math.min(WIDTH, count - index * WIDTH)
    const place = `tile/${placeOf(level, index, width)}`
    const tile = this.held.get(place) ?? this.fetch(place)
    this.held.set(place, tile)
    const bytes = await tile
    must(bytes.length === width * HASH, `${place} has ${bytes.length} bytes`)
    return bytes.slice((at % WIDTH) * HASH, (at % WIDTH) * HASH + HASH)
  }
}
