/** Checks 10, 11, 14–18: the chance was committed, and the committee follows from it. */
import type { PrimaryResult, StepResult } from './bundle-form'
import { concat, ed25519, equal, fromHex, hkdf, lengthPrefixed, sha256, toHex, unsigned, utf8, type Bytes } from './bytes'
import { canon } from './canon'
import { must, type Case, type Place, type Revealed } from './case'
import { attempts, feasible, scan, shownInfeasible, ticketOrder, type Member } from './selection'
import { w256Includes, w256Levels } from './trees'

const KIND = { chain: 1, drand: 2, dice: 3 } as const

export const chainStep = (y: Bytes): Promise<Bytes> => sha256(utf8('BDP1/chain\0'), y)
export const tipMessage = (draw: unknown, party: string, tip: string): Bytes => concat(utf8('BDP1/tip\0'), canon({ draw, party, tip }))

export async function tipSigned(c: Case): Promise<void> {
  const draw = (c.raw.manifest as { draw: unknown }).draw
  must(c.bundle.tips.length === c.chainInputs.length, 'one signature per chain')
  for (const [i, { party, tip }] of c.chainInputs.entries()) {
    const given = c.bundle.tips[i]!
    const holder = c.bundle.policy.holders.find((one) => one.party === party)
    must(given.party === party && holder !== undefined, `${party}: no signature or no key`)
    must(await ed25519(fromHex(holder.key), fromHex(given.sig), tipMessage(draw, party, tip)), `${party}: tip signature`)
  }
}

export async function revealChain(c: Case): Promise<void> {
  const upTo = c.manifest.supp.mode === 'step' ? c.steps : 0
  for (const { party, tip } of c.chainInputs) {
    const values: Revealed[] = []
    let before = fromHex(tip)
    for (let j = 0; j <= upTo; j += 1) {
      const found = (await ownReveal(c, party, j, before)) ?? (await openedShares(c, party, j, before))
      must(found !== null, `${party}: no value ${j}`)
      values.push(found)
      before = found.y
    }
    c.chains.set(party, values)
  }
  must(c.of('dice').length === c.manifest.inputs.filter((input) => input.kind === 'dice').length, 'dice are missing or too many')
}

/** The first reveal that hashes to the value before; others are ignored. */
async function ownReveal(c: Case, party: string, j: number, before: Bytes): Promise<Revealed | null> {
  for (const { index, body } of c.of('reveal')) {
    if (body.party !== party || body.j !== j) continue
    const y = fromHex(body.y)
    if (equal(await chainStep(y), before)) return { y, indices: [index] }
  }
  return null
}

async function openedShares(c: Case, party: string, j: number, before: Bytes): Promise<Revealed | null> {
  if (c.manifest.escrow.length === 0) return null
  const y = new Uint8Array(32)
  const indices: number[] = []
  for (const { party: from } of c.chainInputs) {
    if (from === party) continue
    const share = c.of('share').find(({ body }) => body.of === party && body.from === from && body.j === j)
    if (!share) return null
    fromHex(share.body.share).forEach((byte, i) => (y[i]! ^= byte))
    indices.push(share.index)
  }
  return equal(await chainStep(y), before) ? { y, indices } : null
}

export async function beaconSigned(c: Case): Promise<'passed' | 'not checked'> {
  const drand = c.manifest.inputs.flatMap((input, i) => (input.kind === 'drand' ? [i] : []))
  must(c.bundle.beacon.length === drand.length && drand.every((input, i) => c.bundle.beacon[i]!.input === input), 'one signature per beacon input')
  if (drand.length === 0) return 'passed'
  // BLS12-381 is not part of WebCrypto; the other checks go on, the verdict can only be incomplete.
  return 'not checked'
}

// ---- openings ---------------------------------------------------------------

export async function openingIncluded(c: Case): Promise<void> {
  const chunks = new Map<string, Bytes[]>()
  must(c.bundle.hats.length === c.manifest.slots.length && c.bundle.hats.every((hat, s) => hat.slot === s), 'hats of other slots')
  for (const { slot, chunks: given } of c.bundle.hats) {
    for (const [i, { level, chunk, nodes }] of given.entries()) {
      const before = given[i - 1]
      must(!before || level > before.level || (level === before.level && chunk > before.chunk), 'chunks must ascend')
      chunks.set(`${slot}:${level}:${chunk}`, nodes.map(fromHex))
    }
  }
  const needed = new Set<string>()
  let before: { slot: number; position: number; tag: string } | null = null
  for (const one of c.bundle.openings) {
    const slot = c.manifest.slots[one.slot]
    must(slot !== undefined && one.position < slot.n, 'an opening outside its hat')
    must(before === null || one.slot > before.slot || (one.slot === before.slot && one.position > before.position && one.tag > before.tag), 'positions and tags must ascend')
    before = one
    const keys = Array.from({ length: w256Levels(slot.n) }, (_, level) => `${one.slot}:${level}:${Math.floor(one.position / 256 ** (level + 1))}`)
    const proof = keys.map((key) => chunks.get(key) ?? [])
    must(await w256Includes(await leafOf(one), one.position, slot.n, proof, fromHex(slot.hat)), `slot ${one.slot}, position ${one.position} is not in the hat`)
    for (const key of keys) needed.add(key)
    c.opened.set(`${one.slot}:${one.position}`, one)
  }
  must([...chunks.keys()].every((key) => needed.has(key)), 'a chunk that nothing needs')
}

export const idHash = (salt: string, identity: unknown): Promise<Bytes> => sha256(utf8('BDP1/id\0'), fromHex(salt), canon(identity))
export const qualificationHash = (salt: string, qualification: unknown): Promise<Bytes> => sha256(utf8('BDP1/qual\0'), fromHex(salt), canon(qualification))

type LeafParts = { salt_a: string; tag: string; org: string; region: number }
export const leafHash = (F_id: Bytes, F_q: Bytes, one: LeafParts): Promise<Bytes> =>
  sha256(new Uint8Array([0]), F_id, F_q, fromHex(one.salt_a), fromHex(one.tag), fromHex(one.org), unsigned(one.region, 4))

async function leafOf(one: Case['bundle']['openings'][number]): Promise<Bytes> {
  if ('F_id' in one) return leafHash(fromHex(one.F_id), fromHex(one.F_q), one)
  return leafHash(await idHash(one.salt_id, one.identity), await qualificationHash(one.salt_q, one.qualification), one)
}

// ---- results and the draw -----------------------------------------------------

export async function resultCommitted(c: Case): Promise<void> {
  const logged = c.of('result')
  must(c.bundle.results.length > 0 && logged.length === c.steps + 1, `results for steps 0 to ${c.steps} are needed, each once`)
  for (const [step, { salt, body }] of c.bundle.results.entries()) {
    const entry = logged.filter((one) => one.body.step === step)
    must(body.step === step && body.M === c.M && entry.length === 1, `step ${step}: exactly one result`)
    const digest = toHex(await sha256(utf8('BDP1/result\0'), fromHex(salt), canon(body)))
    must(entry[0]!.body.digest === digest, `step ${step}: the result is not the one committed`)
  }
}

const isStep = (body: PrimaryResult | StepResult): body is StepResult => body.step > 0
const primaryOf = (c: Case): PrimaryResult => c.bundle.results[0]!.body as PrimaryResult

/** IKM up to step j; step 0 holds every input in manifest order. */
function ikm(c: Case, upTo: number): Bytes {
  const pieces = c.manifest.inputs.map((input, i) => concat(new Uint8Array([KIND[input.kind]]), lengthPrefixed(inputValue(c, i))))
  for (let j = 1; j <= upTo; j += 1) for (const { party } of c.chainInputs) pieces.push(concat(new Uint8Array([1]), lengthPrefixed(c.chains.get(party)![j]!.y)))
  return concat(...pieces)
}

const beaconValues = new WeakMap<Case, Map<number, Bytes>>()

function inputValue(c: Case, i: number): Bytes {
  const input = c.manifest.inputs[i]!
  switch (input.kind) {
    case 'chain':
      return c.chains.get(input.party)![0]!.y
    case 'drand':
      return beaconValues.get(c)!.get(i)!
    case 'dice': {
      const earlier = c.manifest.inputs.slice(0, i).filter((one) => one.kind === 'dice').length
      return utf8(c.of('dice')[earlier]!.body.digits)
    }
  }
}

/** The beacon's value is SHA-256 of its signature. */
async function readBeacon(c: Case): Promise<void> {
  const values = new Map<number, Bytes>()
  for (const { input, signature } of c.bundle.beacon) values.set(input, await sha256(fromHex(signature)))
  beaconValues.set(c, values)
}

const places = (positions: readonly (readonly number[])[]): Place[] => positions.flatMap((list, slot) => list.map((position) => ({ slot, position })))
const openOf = (c: Case, found: readonly Place[]): Member[] => found.flatMap(({ slot, position }) => c.memberAt(slot, position) ?? [])

export async function attemptFirstFeasible(c: Case): Promise<void> {
  await readBeacon(c)
  const { attempt, positions } = primaryOf(c)
  const { slots, keep, rules } = c.manifest
  must(attempt < rules.a_max, 'attempt beyond a_max')
  const key = await hkdf(ikm(c, 0), c.Mbytes, utf8('BDP1/primary'))
  const BLOCK = 4096
  for (let from = 0; from <= attempt; from += BLOCK) {
    const drawn = await attempts(key, slots, from, Math.min(from + BLOCK, attempt + 1))
    for (const [i, found] of drawn.entries()) {
      const members = [...keep, ...openOf(c, places(found))]
      const all = keep.length + places(found).length
      if (from + i < attempt) {
        must(shownInfeasible(members, all, rules), `attempt ${from + i} is not shown infeasible`)
        continue
      }
      must(members.length === all, 'a drawn member is not open')
      must(feasible(members, rules), 'the committee breaks a rule')
      must(JSON.stringify(found) === JSON.stringify(positions), 'the draw gives another committee')
    }
  }
  c.seats = places(positions)
  c.drawn = new Set([...keep, ...openOf(c, c.seats)].map((member) => member.tag))
}

export async function stepNextFeasible(c: Case): Promise<void> {
  const { supp, slots, keep, rules } = c.manifest
  const declines = c.of('decline')
  must(declines.length === c.steps && declines.every(({ body }, i) => body.step === i + 1), 'declines and steps do not match')
  must(c.steps <= supp.max_steps, 'more steps than allowed')
  for (const { index, body: decline } of declines) {
    const j = decline.step
    if (supp.mode === 'step') mustFollow(c, j, c.sizeWith(index))
    const slot = c.slotOf(decline.seat)
    must(slot !== null, `step ${j}: no such seat`)
    const info = concat(utf8('BDP1/supp\0'), unsigned(slot, 2), ...(supp.mode === 'step' ? [unsigned(j, 4)] : []))
    const key = await hkdf(ikm(c, supp.mode === 'step' ? j : 0), c.Mbytes, info)
    const incumbents = [...keep, ...openOf(c, c.seats.filter((_, seat) => seat !== decline.seat))]
    const found = scan(await ticketOrder(key, slots[slot]!.n), (position) => c.memberAt(slot, position), incumbents, c.drawn, rules)
    const result = c.bundle.results[j]!.body
    must(isStep(result) && result.seat === decline.seat && found !== null && found.position === result.position, `step ${j}: the scan gives another member`)
    c.seats[decline.seat] = { slot, position: found.position }
    c.drawn.add(c.memberAt(slot, found.position)!.tag)
  }
}

/** Nothing of step j may be revealed before its decline stands in a checkpoint. */
function mustFollow(c: Case, j: number, size: number): void {
  for (const { index, body } of [...c.of('reveal'), ...c.of('share')]) must(body.j !== j || index >= size, `entry ${index} stands before decline ${j}`)
}
