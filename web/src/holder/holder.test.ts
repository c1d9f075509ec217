// @vitest-environment node
import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { concat, ed25519, fromHex, sha256, toBase64, toHex, unsigned, utf8, type Bytes } from '@/draw/bytes'
import { canon } from '@/draw/canon'
import { chainStep, leafHash, tipMessage } from '@/draw/checks-draw'
import { hashOf } from '@/draw/checks-form'
import { cosignatures, keyId, readCheckpoint } from '@/draw/note'
import { logLeaf, logRoot, w256Root } from '@/draw/trees'
import { admission, type Member, type Rules } from '@/draw/selection'
import { vectors } from '@/draw/vectors'
import { chainOf, tipOf } from './chain'
import { anchorOf, checkAdmission, checkReveal, cosign, makeTip, NotConsistent, signedAdmission, type Admission, type AdmissionDuty, type Holder, type Logged, type RevealDuty } from './duty'
import { createFile, FileRefused, openFile, readFile, signInMessage, type OwnKey } from './file'
import { openJournal } from './journal'

const PASSPHRASE = '一句很长的话 four words'
const draw = { project: 'P-1', section: '01', seq: 1, prev: '' }
const DRAW_ID = 'd-1'
const LENGTH = 3
const ORIGIN = 'draw.example/log'
const WITNESS = 'supervisor.example/w'

const fresh = async (): Promise<OwnKey> => openFile(await createFile(PASSPHRASE, 10), PASSPHRASE)

describe('the file', () => {
  it('opens with its passphrase only, and only unchanged', async () => {
    const file = await createFile(PASSPHRASE, 10)
    const own = await openFile(readFile(JSON.stringify(file)), PASSPHRASE)
    expect([own.key, own.secret.length]).toEqual([file.key, 32])
    const message = signInMessage('00'.repeat(32))
    expect(await ed25519(fromHex(own.key), await own.sign(message), message)).toBe(true)
    expect(JSON.stringify(file)).not.toContain(toHex(own.secret))
    await expect(openFile(file, `${PASSPHRASE}.`)).rejects.toThrow(FileRefused)
    await expect(openFile({ ...file, key: '11'.repeat(32) }, PASSPHRASE)).rejects.toThrow(FileRefused)
    await expect(openFile({ ...file, kdf: { ...file.kdf, iterations: 11 } }, PASSPHRASE)).rejects.toThrow(FileRefused)
  })

  it('refuses short passphrases and other files; asks 600 000 iterations of its own accord', async () => {
    await expect(createFile('short')).rejects.toThrow(FileRefused)
    for (const text of ['', '{}', '[]', 'null', '{"v":"BDP1-service/holder-file/1"}']) expect(() => readFile(text)).toThrow(FileRefused)
    expect((await createFile(PASSPHRASE)).kdf.iterations).toBe(600_000)
  })
})

describe('the chain', () => {
  it('hashes down to its tip and differs for every draw', async () => {
    const secret = new Uint8Array(32).fill(7)
    const values = await chainOf(secret, draw, DRAW_ID, LENGTH)
    expect(values.length).toBe(LENGTH + 1)
    for (let j = 1; j < values.length; j += 1) expect(toHex(await chainStep(values[j]!))).toBe(toHex(values[j - 1]!))
    expect(toHex(await chainStep(values[0]!))).toBe(await tipOf(values))
    const others = [await chainOf(secret, { ...draw, seq: 2, prev: '00'.repeat(32) }, DRAW_ID, LENGTH), await chainOf(secret, draw, 'd-2', LENGTH)]
    expect(new Set([values, ...others].map((one) => toHex(one[0]!))).size).toBe(3)
    // A fixed value, so that other holder programs can be compared with this one.
    expect(await tipOf(values)).toBe(FIXED_TIP)
  })
})
const FIXED_TIP = 'dbbd5960b604af1681cb793147e00565eeb5f822ef5b38d67f4ef46ae848609a'

// ---- a log of our own, to hand duties to a holder -------------------------------

interface World {
  holder: Holder
  manifest: Record<string, unknown> & { draw: typeof draw }
  M: string
  tip: string
  log: OwnKey
}
let world: World
const NOW = 1_700_000_000

async function note(log: OwnKey, witness: OwnKey, leaves: readonly Bytes[]): Promise<string> {
  const text = `${ORIGIN}\n${leaves.length}\n${toBase64(await logRoot(leaves))}\n`
  const own = concat(await keyId(ORIGIN, 1, fromHex(log.key)), await log.sign(utf8(text)))
  const time = unsigned(NOW, 8)
  const cosigned = concat(await keyId(WITNESS, 4, fromHex(witness.key)), time, await witness.sign(utf8(`cosignature/v1\ntime ${NOW}\n${text}`)))
  return `${text}\n\u2014 ${ORIGIN} ${toBase64(own)}\n\u2014 ${WITNESS} ${toBase64(cosigned)}\n`
}

/** A log holding exactly two entries; the entry asked for is the second, so its path is the first leaf. */
async function logged(entry: Record<string, unknown>, witness = world.holder.own): Promise<Logged> {
  const first = await logLeaf(utf8('first'))
  return { index: 1, entry: toHex(canon(entry)), path: [toHex(first)], size: 2, note: await note(world.log, witness, [first, await logLeaf(canon(entry))]) }
}

const reveal = async (j: number, over: Partial<RevealDuty> = {}): Promise<RevealDuty> => ({
  draw_id: DRAW_ID,
  j,
  M: world.M,
  manifest: toHex(canon(world.manifest)),
  policy: world.holder.policy,
  tip: world.tip,
  turn: true,
  sealed_until: null,
  freeze: await logged({ type: 'manifest', M: world.M, handle: '00'.repeat(32) }),
  decline: j === 0 ? null : await logged({ type: 'decline', M: world.M, seat: 0, step: j, class: 'refused', evidence: '00'.repeat(32) }),
  previous_result: j === 0 ? null : await logged({ type: 'result', M: world.M, step: j - 1, digest: '00'.repeat(32) }),
  ...over,
})
const failing = async (duty: RevealDuty): Promise<string[]> => (await checkReveal(duty, world.holder)).checks.filter((check) => !check.ok).map((check) => check.key)

beforeEach(async () => {
  const [own, log] = [await fresh(), await fresh()]
  const base = vectors<{ open: { bundle: { manifest: Record<string, unknown>; policy: Record<string, unknown> } } }>('bdp1-bundles.json').open.bundle
  const policy = {
    ...base.policy,
    log_key: log.key,
    quorum: 1,
    witnesses: [{ name: WITNESS, key: own.key, required: true }],
    holders: [{ party: 'supervisor', key: own.key, seal: '' }],
  }
  const holder: Holder = { party: 'supervisor', own, policy, anchor: anchorOf(policy), journal: await openJournal(own.key), now: () => NOW }
  const { tip } = await makeTip({ draw_id: DRAW_ID, draw, length: LENGTH }, holder)
  const inputs = [{ kind: 'chain', party: 'supervisor', tip }, { kind: 'chain', party: 'centre', tip: '22'.repeat(32) }]
  const manifest = { ...base.manifest, draw, inputs, escrow: [], policy: await hashOf('BDP1/policy', policy), supp: { mode: 'step', max_steps: LENGTH } }
  world = { holder, manifest, M: await hashOf('BDP1/manifest', manifest), tip, log }
})

describe('before a share goes', () => {
  it('the tip is signed for its draw', async () => {
    const { tip, sig } = await makeTip({ draw_id: DRAW_ID, draw, length: LENGTH }, world.holder)
    expect(tip).toBe(world.tip)
    expect(await ed25519(fromHex(world.holder.own.key), fromHex(sig), tipMessage(draw, 'supervisor', tip))).toBe(true)
  })

  it.each([0, 1, 3])('value %i goes when everything holds, and hashes to the tip', async (j) => {
    const release = await checkReveal(await reveal(j), world.holder)
    expect(release.checks.filter((check) => !check.ok)).toEqual([])
    let value = fromHex(release.y)
    for (let i = 0; i <= j; i += 1) value = await chainStep(value)
    expect(toHex(value)).toBe(world.tip)
  })

  it('another manifest text, tip, draw or policy is refused', async () => {
    expect(await failing(await reveal(0, { manifest: { ...world.manifest, day: '2023-08-24' } }))).toContain('manifest')
    expect(await failing(await reveal(0, { tip: '33'.repeat(32) }))).toContain('tip')
    expect(await failing(await reveal(0, { draw_id: 'd-2' }))).toEqual(['tip', 'draw'])
    expect(await failing(await reveal(0, { policy: { ...world.holder.policy, hat_min: 1 } }))).toEqual(['policy'])
  })

  it('a policy with another log or other witnesses is not believed, even if the manifest names it', async () => {
    for (const change of [{ log_key: '55'.repeat(32) }, { quorum: 0 }, { witnesses: [] }]) {
      const policy = { ...world.holder.policy, ...change }
      const manifest = { ...world.manifest, policy: await hashOf('BDP1/policy', policy) }
      expect(await failing(await reveal(0, { policy, manifest, M: await hashOf('BDP1/manifest', manifest) }))).toContain('policy')
    }
  })

  it('a manifest with the same tip for another seq is refused', async () => {
    world.manifest = { ...world.manifest, draw: { ...draw, seq: 2, prev: '00'.repeat(32) } }
    world.M = await hashOf('BDP1/manifest', world.manifest)
    expect(await failing(await reveal(0))).toEqual(['tip', 'draw'])
  })

  it('a freeze that is not logged, not cosigned or of another draw is refused', async () => {
    const entry = { type: 'manifest', M: world.M, handle: '00'.repeat(32) }
    const stranger = await fresh()
    expect(await failing(await reveal(0, { freeze: await logged(entry, stranger) }))).toEqual(['freeze'])
    expect(await failing(await reveal(0, { freeze: { ...(await logged(entry)), index: 0 } }))).toEqual(['freeze'])
    expect(await failing(await reveal(0, { freeze: await logged({ ...entry, M: '44'.repeat(32) }) }))).toEqual(['freeze'])
  })

  it('a step needs its own decline and the result before it', async () => {
    expect(await failing(await reveal(1, { decline: null }))).toEqual(['decline'])
    expect(await failing(await reveal(2, { decline: (await reveal(1)).decline }))).toEqual(['decline'])
    expect(await failing(await reveal(2, { previous_result: (await reveal(1)).previous_result }))).toEqual(['result'])
    expect(await failing(await reveal(4))).toContain('tip')
  })

  it('the sealing party waits until the time to unseal', async () => {
    world.manifest = { ...world.manifest, seal: { party: 'supervisor', unseal_after: NOW + 1 } }
    world.M = await hashOf('BDP1/manifest', world.manifest)
    expect(await failing(await reveal(0))).toEqual(['sealed'])
    world.holder.now = () => NOW + 1
    expect(await failing(await reveal(0))).toEqual([])
  })

  it('after one release no other manifest gets the value, the same one may ask again', async () => {
    const release = await checkReveal(await reveal(0), world.holder)
    await world.holder.journal.keepTip(release.record)
    expect(await failing(await reveal(0))).toEqual([])
    world.manifest = { ...world.manifest, day: '2023-08-24' }
    world.M = await hashOf('BDP1/manifest', world.manifest)
    expect(await failing(await reveal(0))).toEqual(['once'])
  })

  it('without a journal of this tip nothing goes', async () => {
    world.holder.journal = await openJournal('another')
    expect(await failing(await reveal(0))).toEqual(['draw', 'once'])
  })
})

/** A member of a hat with what its leaf is made of. */
interface HatRow extends Member {
  salt_a: string
  F_id: string
  F_q: string
}
/** An admission with the hats that the service would hand over. */
interface Shown extends AdmissionDuty {
  hats: HatRow[][]
}
const packed = (hat: readonly HatRow[]): Bytes =>
  concat(...hat.flatMap((row) => [fromHex(row.F_id), fromHex(row.F_q), fromHex(row.salt_a), fromHex(row.tag), fromHex(row.org), unsigned(row.region, 4)]))

describe('the supervisor', () => {
  /** A draw of three hats that hold together: rows, roots, sizes, tip, policy and count. */
  async function admissible(): Promise<Shown> {
    const d = vectors<{ draws: { manifest: { slots: { seats: number }[]; rules: object }; hats: [string, string, number][][] }[] }>('bdp1.json').draws[0]!
    const hats = await Promise.all(
      d.hats.map((hat) =>
        Promise.all(
          hat.map(async ([tag, org, region]): Promise<HatRow> => {
            const [F_id, F_q] = [toHex(await sha256(utf8(`id ${tag}`))), toHex(await sha256(utf8(`qualification ${tag}`)))]
            return { tag, org, region, salt_a: toHex((await sha256(utf8(tag))).slice(0, 16)), F_id, F_q }
          }),
        ),
      ),
    )
    const slots = await Promise.all(
      hats.map(async (hat, s) => ({ ...d.manifest.slots[s]!, n: hat.length, hat: await rootOf(hat), where: { codes: ['A'], regions: [], titles: [] } })),
    )
    return remade({ draw_id: DRAW_ID, M: '', policy: world.holder.policy, manifest: { ...world.manifest, slots, rules: d.manifest.rules }, hats, accepted: 0 })
  }
  const rootOf = async (hat: readonly HatRow[]): Promise<string> =>
    toHex(await w256Root(await Promise.all(hat.map((row) => leafHash(fromHex(row.F_id), fromHex(row.F_q), row)))))
  /** The same with M and count that fit the manifest and hats of the duty: what a lying server would send. */
  async function remade(duty: Shown): Promise<Shown> {
    const manifest = duty.manifest as { slots: { seats: number }[]; rules: Rules }
    const M = await hashOf('BDP1/manifest', manifest)
    const slots = manifest.slots.map((slot, s) => ({ seats: slot.seats, hat: duty.hats[s]! }))
    return { ...duty, M, accepted: await admission(fromHex(M), slots, [], manifest.rules) }
  }
  const check = (duty: Shown): ReturnType<typeof checkAdmission> => checkAdmission(duty, async (slot) => packed(duty.hats[slot]!), world.holder)
  /** What a person is shown before signing: all members, and each rule of the manifest on regions. */
  const asked = (duty: AdmissionDuty): Admission['committee'] => {
    const { slots, rules, seal } = duty.manifest as { slots: { seats: number }[]; rules: Rules; seal: { party: string } }
    expect(rules.regions.length).toBeGreaterThan(0)
    return { members: slots.reduce((sum, slot) => sum + slot.seats, 0), regions: rules.regions, sealed: seal.party !== '' }
  }
  const refusedFor = async (duty: Shown): Promise<string[]> => (await check(duty)).checks.filter((one) => !one.ok).map((one) => one.key)

  it('finds nothing wrong with an admission that holds, and signs its entry', async () => {
    const duty = await admissible()
    expect(await check(duty)).toMatchObject({ ready: true, committee: asked(duty) })
    expect(await refusedFor(duty)).toEqual([])
    const message = concat(utf8('BDP1/entry\0'), canon({ type: 'admission', M: duty.M, accepted: duty.accepted, party: 'supervisor' }))
    expect(await ed25519(fromHex(world.holder.own.key), fromHex(await signedAdmission(duty, world.holder)), message)).toBe(true)
  })

  it('admits only the count it finds itself, over the manifest that was hashed', async () => {
    const duty = await admissible()
    expect(await refusedFor({ ...duty, accepted: duty.accepted + 1 })).toEqual(['admission'])
    expect(await refusedFor({ ...duty, M: toHex(await sha256(utf8('x'))) })).toContain('manifest')
  })

  it.each<[string, (hats: HatRow[][]) => HatRow[][]]>([
    ['one friend fewer under the cap', ([first, ...others]) => [[{ ...first![0]!, org: '00'.repeat(16) }, ...first!.slice(1)], ...others]],
    ['one expert another', ([first, ...others]) => [[{ ...first![0]!, F_id: '00'.repeat(32) }, ...first!.slice(1)], ...others]],
    ['one region another', ([first, ...others]) => [[{ ...first![0]!, region: 650000 }, ...first!.slice(1)], ...others]],
    ['one expert left out', ([first, ...others]) => [first!.slice(1), ...others]],
    ['a hat left out', ([, ...others]) => others],
    ['the order turned round', ([first, ...others]) => [[...first!].reverse(), ...others]],
  ])('admits no rows but those of the manifest: %s', async (_, bent) => {
    const duty = await admissible()
    const hats = bent(duty.hats)
    // The count is that of the rows shown: only the roots can tell.
    const told = hats.length === duty.hats.length ? (await remade({ ...duty, hats })).accepted : duty.accepted
    expect(await refusedFor({ ...duty, hats, accepted: told })).toContain('hats')
  })

  it('admits no hat with a piece of a row left over', async () => {
    const duty = await admissible()
    const { checks } = await checkAdmission(duty, async (slot) => packed(duty.hats[slot]!).slice(0, -1), world.holder)
    expect(checks.filter((one) => !one.ok).map((one) => one.key)).toEqual(['hats'])
  })

  it('admits no hat in which somebody stands twice, whatever the root says', async () => {
    const duty = await admissible()
    const [first, ...others] = duty.hats
    const hats = [[first![0]!, ...first!.slice(0, -1)], ...others]
    const manifest = duty.manifest as { slots: object[] }
    const slots = [{ ...manifest.slots[0]!, hat: await rootOf(hats[0]!) }, ...manifest.slots.slice(1)]
    expect(await refusedFor(await remade({ ...duty, hats, manifest: { ...manifest, slots } }))).toContain('hats')
  })

  it('admits no first draw that keeps somebody', async () => {
    const duty = await admissible()
    const keep = [{ tag: '00'.repeat(16), org: '11'.repeat(16), region: 110000 }]
    const manifest = { ...(duty.manifest as object), keep }
    expect(await refusedFor({ ...duty, manifest, M: await hashOf('BDP1/manifest', manifest) })).toEqual(['hats'])
  })

  it('admits no draw it gave no tip for, and none under a policy it does not know', async () => {
    const duty = await admissible()
    const manifest = duty.manifest as Record<string, unknown>
    const inputs = [{ kind: 'chain', party: 'supervisor', tip: '33'.repeat(32) }, { kind: 'chain', party: 'centre', tip: '22'.repeat(32) }]
    expect(await refusedFor(await remade({ ...duty, manifest: { ...manifest, inputs } }))).toEqual(['tip', 'draw'])
    expect(await refusedFor(await remade({ ...duty, manifest: { ...manifest, draw: { ...draw, section: '02' } } }))).toEqual(['tip', 'draw'])
    expect(await refusedFor({ ...duty, draw_id: 'd-2' })).toEqual(['tip', 'draw'])
    expect(await refusedFor({ ...duty, policy: { ...world.holder.policy, hat_min: 1 } })).toEqual(['policy'])
    const stranger = { ...world.holder.policy, log_key: '55'.repeat(32) }
    expect(await refusedFor(await remade({ ...duty, policy: stranger, manifest: { ...manifest, policy: await hashOf('BDP1/policy', stranger) } }))).toEqual(['policy'])
    world.holder.journal = await openJournal('another')
    expect(await refusedFor(duty)).toEqual(['draw'])
  })

  it('cosigns what grows out of the last checkpoint, and nothing else', async () => {
    const leaves = await Promise.all(['a', 'b', 'c'].map((text) => logLeaf(utf8(text))))
    const duty = async (upTo: readonly Bytes[], from: number, consistency: Bytes[]) => ({ size: upTo.length, note: await note(world.log, await fresh(), upTo), consistency: consistency.map(toHex), from })
    const first = await duty(leaves.slice(0, 2), 0, [])
    const line = await cosign(first, { name: WITNESS }, world.holder)
    const text = `${readCheckpoint(first.note).text}\n${line}`
    expect(await cosignatures(readCheckpoint(text), [{ name: WITNESS, key: fromHex(world.holder.own.key) }])).toEqual([{ name: WITNESS, time: NOW }])
    await cosign(await duty(leaves, 2, [leaves[2]!]), { name: WITNESS }, world.holder)
    const other = [leaves[1]!, leaves[0]!, leaves[2]!, leaves[0]!]
    await expect(cosign(await duty(other, 3, [leaves[2]!, leaves[0]!]), { name: WITNESS }, world.holder)).rejects.toThrow(NotConsistent)
    await expect(cosign(first, { name: WITNESS }, world.holder)).rejects.toThrow(NotConsistent)
    await expect(cosign({ ...first, note: first.note.replace(ORIGIN, 'other.example/log') }, { name: WITNESS }, world.holder)).rejects.toThrow(NotConsistent)
  })
})
