/** §6 primary selection by rejection, §7 tickets of a supplementary step. Pure but for AES. */
import { keystream, sha256, toBigInt, utf8, type Bytes } from './bytes'

/** What feasibility looks at. Kept members and drawn members are alike. */
export interface Member {
  tag: string
  org: string
  region: number
}
export interface RegionRule {
  set: readonly number[]
  min: number
  max: number
}
export interface Rules {
  org_cap: number
  regions: readonly RegionRule[]
}

/** Distinct positions of one slot from its words (128-bit): the x-th not yet picked position each time. */
export function pick(words: readonly bigint[], n: number): number[] {
  const picks: number[] = []
  for (const [t, word] of words.entries()) {
    let x = Number((word * BigInt(n - t)) >> 128n)
    for (const earlier of [...picks].sort((a, b) => a - b)) if (x >= earlier) x += 1
    picks.push(x)
  }
  return picks
}

const wordAt = (bytes: Bytes, i: number): bigint => toBigInt(bytes.subarray(16 * i, 16 * i + 16))

/** Positions per slot of the attempts from ≤ a < to, one keystream read. */
export async function attempts(key: Bytes, slots: readonly { n: number; seats: number }[], from: number, to: number): Promise<number[][][]> {
  const seats = slots.reduce((sum, slot) => sum + slot.seats, 0)
  const stream = await keystream(key, BigInt(from) * BigInt(seats), (to - from) * seats)
  return Array.from({ length: to - from }, (_, a) => {
    let q = a * seats
    return slots.map((slot) => pick(Array.from({ length: slot.seats }, () => wordAt(stream, q++)), slot.n))
  })
}

function mostOfOne(values: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let most = 0
  for (const count of counts.values()) most = Math.max(most, count)
  return most
}

const inside = (members: readonly Member[], rule: RegionRule): number => members.filter((member) => rule.set.includes(member.region)).length

/** May these people sit together? */
export function feasible(members: readonly Member[], rules: Rules): boolean {
  return (
    mostOfOne(members.map((member) => member.tag)) <= 1 &&
    mostOfOne(members.map((member) => member.org)) <= rules.org_cap &&
    rules.regions.every((rule) => rule.min <= inside(members, rule) && inside(members, rule) <= rule.max)
  )
}

/** Is a committee of `all` people impossible whoever the unopened ones are? `opened` = known members, kept ones included. */
export function shownInfeasible(opened: readonly Member[], all: number, rules: Rules): boolean {
  return (
    mostOfOne(opened.map((member) => member.tag)) > 1 ||
    mostOfOne(opened.map((member) => member.org)) > rules.org_cap ||
    rules.regions.some((rule) => inside(opened, rule) > rule.max || opened.length - inside(opened, rule) > all - rule.min)
  )
}

/** All positions of a hat by ascending ticket; tickets are distinct because AES is a permutation. */
export async function ticketOrder(key: Bytes, n: number): Promise<number[]> {
  const stream = await keystream(key, 0n, n)
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const order = Array.from({ length: n }, (_, position) => position)
  return order.sort((a, b) => {
    for (let at = 0; at < 16; at += 4) {
      const difference = view.getUint32(16 * a + at) - view.getUint32(16 * b + at)
      if (difference !== 0) return difference
    }
    return 0
  })
}

export interface Scan {
  position: number
  /** Positions passed over because no feasible committee has them; those of people drawn before are left out. */
  skipped: number[]
}

/** A position the scan reached is not open, so the scan cannot be followed. */
export class NotOpen extends Error {
  constructor(readonly position: number) {
    super(`position ${position} is not open`)
  }
}

/**
 * The first candidate, in ticket order from the head, with whom `incumbents` can sit. Null: nobody.
 * `at` gives the member at a position, or null when it is not open.
 */
export function scan(order: readonly number[], at: (position: number) => Member | null, incumbents: readonly Member[], drawn: ReadonlySet<string>, rules: Rules): Scan | null {
  const skipped: number[] = []
  for (const position of order) {
    const candidate = at(position)
    if (!candidate) throw new NotOpen(position)
    if (drawn.has(candidate.tag)) continue
    if (feasible([...incumbents, candidate], rules)) return { position, skipped }
    skipped.push(position)
  }
  return null
}

/** How many of the first 16384 attempts are feasible with all hats known (§3, admission test). */
export async function admission(manifestHash: Bytes, slots: readonly { seats: number; hat: readonly Member[] }[], keep: readonly Member[], rules: Rules): Promise<number> {
  const key = await sha256(utf8('BDP1/dry\0'), manifestHash)
  const sizes = slots.map((slot) => ({ n: slot.hat.length, seats: slot.seats }))
  const found = await attempts(key, sizes, 0, 16384)
  return found.filter((positions) => {
    const members = positions.flatMap((list, s) => list.map((position) => slots[s]!.hat[position]!))
    return feasible([...keep, ...members], rules)
  }).length
}
