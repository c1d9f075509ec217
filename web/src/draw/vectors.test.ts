// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { concat, fromBase64, fromHex, hkdf, keystream, lengthPrefixed, sha256, toBigInt, toHex, unsigned, utf8, type Bytes } from './bytes'
import { canon } from './canon'
import { chainStep, leafHash, idHash, qualificationHash } from './checks-draw'
import { cosignatures, readCheckpoint, signedByLog } from './note'
import { admission, attempts, pick, scan, ticketOrder, type Member } from './selection'
import { logConsistent, logIncludes, logLeaf, logRoot, logRootOfTail, w256Includes, w256Root } from './trees'
import { vectors } from './vectors'

type Row = [tag: string, org: string, region: number]
interface Draw {
  manifest: { slots: { seats: number; n: number; hat: string }[]; inputs: { kind: string; party?: string; tip?: string }[]; rules: { org_cap: number; regions: { set: number[]; min: number; max: number }[] }; supp: { mode: string } }
  manifest_hash: string
  reveals: Record<string, string[]>
  drand_randomness: string
  ikm: string
  key_primary: string
  hats: Row[][]
  hat_leaves: string[][]
  dry_accepted: number
  attempt: number
  rejected: number[][][]
  positions: number[][]
  supplementary: { step: number; seat: number; slot: number; key: string; skipped: number[]; position: number }[]
  opening: { slot: number; position: number; salt_id: string; identity: unknown; salt_qual: string; qual: unknown; salt_attr: string; tag: string; org: string; region: number; leaf: string; proof: string[][] }
  log: { entries: string[]; text: string; sig: string; cosig: string; log_pk: string; witness_pk: string }
}
interface Micro {
  canon_in: unknown
  canon_out_hex: string
  stream_key: string
  stream_words: string[]
  pick_n10_seats4: number[]
  pick_n4_seats4: number[]
  pick_n1000000_seats4: number[]
  w256: Record<string, string>
  hkdf: string
  supp_info_step: string
  supp_info_list: string
  chain_step: string
}
const { micro, draws } = vectors<{ micro: Micro; draws: Draw[] }>('bdp1.json')
const member = ([tag, org, region]: Row): Member => ({ tag, org, region })

describe('micro vectors', () => {
  it('canon', () => expect(toHex(canon(micro.canon_in))).toBe(micro.canon_out_hex))

  it('keystream and picks', async () => {
    expect(toHex(await sha256(utf8('k')))).toBe(micro.stream_key)
    const stream = await keystream(fromHex(micro.stream_key), 0n, 4)
    const words = [0, 1, 2, 3].map((i) => stream.slice(16 * i, 16 * i + 16))
    expect(words.map(toHex)).toEqual(micro.stream_words)
    const picks = (n: number): number[] => pick(words.map(toBigInt), n)
    expect([picks(10), picks(4), picks(1000000)]).toEqual([micro.pick_n10_seats4, micro.pick_n4_seats4, micro.pick_n1000000_seats4])
  })

  it.each(Object.entries(micro.w256))('W256 over %s leaves', async (n, root) => {
    const leaves = await Promise.all(Array.from({ length: Number(n) }, (_, i) => sha256(unsigned(i, 4))))
    expect(toHex(await w256Root(leaves))).toBe(root)
  })

  it('hkdf, info strings, chain step', async () => {
    expect(toHex(await hkdf(utf8('ikm'), await sha256(utf8('salt')), utf8('BDP1/primary')))).toBe(micro.hkdf)
    expect(toHex(concat(utf8('BDP1/supp\0'), unsigned(2, 2), unsigned(7, 4)))).toBe(micro.supp_info_step)
    expect(toHex(concat(utf8('BDP1/supp\0'), unsigned(2, 2)))).toBe(micro.supp_info_list)
    expect(toHex(await chainStep(await sha256(utf8('y'))))).toBe(micro.chain_step)
  })
})

describe.each(draws.map((draw, i) => [`draw ${i} (${draw.manifest.supp.mode})`, draw] as const))('%s', (_, draw) => {
  const slots = draw.manifest.slots
  const M = fromHex(draw.manifest_hash)
  const hats = draw.hats.map((hat) => hat.map(member))
  const chains = draw.manifest.inputs.filter((input) => input.kind === 'chain').map((input) => input.party!)

  it('manifest hash, chains and first key', async () => {
    expect(toHex(await sha256(utf8('BDP1/manifest\0'), canon(draw.manifest)))).toBe(draw.manifest_hash)
    for (const input of draw.manifest.inputs.filter((one) => one.kind === 'chain')) {
      let before = input.tip!
      for (const y of draw.reveals[input.party!]!) {
        expect(toHex(await chainStep(fromHex(y)))).toBe(before)
        before = y
      }
    }
    const pieces = draw.manifest.inputs.map((input) =>
      input.kind === 'chain' ? concat(unsigned(1, 1), lengthPrefixed(fromHex(draw.reveals[input.party!]![0]!))) : concat(unsigned(2, 1), lengthPrefixed(fromHex(draw.drand_randomness))))
    expect(toHex(concat(...pieces))).toBe(draw.ikm)
    expect(toHex(await hkdf(fromHex(draw.ikm), M, utf8('BDP1/primary')))).toBe(draw.key_primary)
  })

  it('hats, opening and its proof', async () => {
    for (const [s, leaves] of draw.hat_leaves.entries()) expect(toHex(await w256Root(leaves.map(fromHex)))).toBe(slots[s]!.hat)
    const o = draw.opening
    const leaf = await leafHash(await idHash(o.salt_id, o.identity), await qualificationHash(o.salt_qual, o.qual), { ...o, salt_a: o.salt_attr })
    expect(toHex(leaf)).toBe(o.leaf)
    const proof = o.proof.map((chunk) => chunk.map(fromHex))
    const root = fromHex(slots[o.slot]!.hat)
    expect(await w256Includes(leaf, o.position, slots[o.slot]!.n, proof, root)).toBe(true)
    expect(await w256Includes(leaf, o.position + 1, slots[o.slot]!.n, proof, root)).toBe(false)
    expect(await w256Includes(leaf, o.position, slots[o.slot]!.n + 1, proof, root)).toBe(false)
  })

  it('attempts, committee and admission', async () => {
    const found = await attempts(fromHex(draw.key_primary), slots, 0, draw.attempt + 1)
    expect(found.slice(0, -1)).toEqual(draw.rejected)
    expect(found.at(-1)).toEqual(draw.positions)
    const accepted = await admission(M, slots.map((slot, s) => ({ seats: slot.seats, hat: hats[s]! })), [], draw.manifest.rules)
    expect(accepted).toBe(draw.dry_accepted)
  })

  it('supplementary steps', async () => {
    const seats = draw.positions.flatMap((list, slot) => list.map((position) => hats[slot]![position]!))
    const drawn = new Set(seats.map((one) => one.tag))
    let ikm: Bytes = fromHex(draw.ikm)
    for (const one of draw.supplementary) {
      const stepwise = draw.manifest.supp.mode === 'step'
      if (stepwise) ikm = concat(ikm, ...chains.map((party) => concat(unsigned(1, 1), lengthPrefixed(fromHex(draw.reveals[party]![one.step]!)))))
      const key = await hkdf(ikm, M, concat(utf8('BDP1/supp\0'), unsigned(one.slot, 2), ...(stepwise ? [unsigned(one.step, 4)] : [])))
      expect(toHex(key)).toBe(one.key)
      const others = seats.filter((_, seat) => seat !== one.seat)
      const hat = hats[one.slot]!
      const found = scan(await ticketOrder(key, hat.length), (position) => hat[position] ?? null, others, drawn, draw.manifest.rules)
      expect(found).toEqual({ position: one.position, skipped: one.skipped })
      seats[one.seat] = hat[one.position]!
      drawn.add(hat[one.position]!.tag)
    }
  })

  it('log: root, signature, cosignature', async () => {
    const leaves = await Promise.all(draw.log.entries.map((entry) => logLeaf(fromBase64(entry))))
    const note = readCheckpoint(`${draw.log.text}\n${draw.log.sig}${draw.log.cosig}`)
    expect(note.size).toBe(leaves.length)
    expect(toHex(await logRoot(leaves))).toBe(toHex(note.root))
    expect(await signedByLog(note, 'draw.example/log', fromHex(draw.log.log_pk))).toBe(true)
    expect(await signedByLog(note, 'draw.example/log', fromHex(draw.log.witness_pk))).toBe(false)
    const witness = { name: 'supervisor.example/w', key: fromHex(draw.log.witness_pk) }
    expect((await cosignatures(note, [witness])).map((one) => one.name)).toEqual(['supervisor.example/w'])
    expect(await cosignatures(note, [{ ...witness, key: fromHex(draw.log.log_pk) }])).toEqual([])
  })
})

describe('log proofs of every small tree', async () => {
  const leaves = await Promise.all(Array.from({ length: 13 }, (_, i) => logLeaf(unsigned(i, 1))))
  const half = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1)
  // Written from RFC 6962 §2.1, as the other side of the verifier.
  async function path(m: number, d: Bytes[]): Promise<Bytes[]> {
    if (d.length <= 1) return []
    const k = half(d.length)
    return m < k ? [...(await path(m, d.slice(0, k))), await logRoot(d.slice(k))] : [...(await path(m - k, d.slice(k))), await logRoot(d.slice(0, k))]
  }
  async function proof(m: number, d: Bytes[], whole: boolean): Promise<Bytes[]> {
    if (m === d.length) return whole ? [] : [await logRoot(d)]
    const k = half(d.length)
    return m <= k ? [...(await proof(m, d.slice(0, k), whole)), await logRoot(d.slice(k))] : [...(await proof(m - k, d.slice(k), false)), await logRoot(d.slice(0, k))]
  }

  it('inclusion and the tail', async () => {
    for (let n = 1; n <= leaves.length; n += 1) {
      const d = leaves.slice(0, n)
      const root = await logRoot(d)
      for (let i = 0; i < n; i += 1) {
        const p = await path(i, d)
        expect(await logIncludes(d[i]!, i, n, p, root)).toBe(true)
        if (n > 1) expect(await logIncludes(d[i]!, (i + 1) % n, n, p, root)).toBe(false)
        expect(toHex((await logRootOfTail(d.slice(i), i, p))!)).toBe(toHex(root))
      }
    }
  })

  it('consistency', async () => {
    for (let n = 1; n <= leaves.length; n += 1) {
      for (let m = 1; m < n; m += 1) {
        const [old, now] = [await logRoot(leaves.slice(0, m)), await logRoot(leaves.slice(0, n))]
        const p = await proof(m, leaves.slice(0, n), true)
        expect(await logConsistent(m, old, n, now, p)).toBe(true)
        expect(await logConsistent(m, now, n, now, p)).toBe(false)
        expect(await logConsistent(m, old, n, now, p.slice(1))).toBe(false)
      }
    }
  })
})
