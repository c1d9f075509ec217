/** §4: what a holder verifies for itself before it lets a share go, and a witness before it cosigns. Nothing the server says replaces it. */
import { entryReader, manifestReader, policyReader, type EntryBody, type Manifest, type Policy } from '@/draw/bundle-form'
import { concat, fromHex, sha256, toBase64, toHex, unsigned, utf8, type Bytes } from '@/draw/bytes'
import { canon, canonText, readCanonical } from '@/draw/canon'
import { hashOf } from '@/draw/checks-form'
import { cosignatureBlob, cosignatures, cosigned, readCheckpoint, signedByLog, type Checkpoint } from '@/draw/note'
import { admission, type Member, type RegionRule } from '@/draw/selection'
import { logConsistent, logIncludes, logLeaf, w256Root } from '@/draw/trees'
import { chainOf, signedTip, tipOf, type Draw } from './chain'
import type { OwnKey } from './file'
import type { Journal, TipRecord } from './journal'

/** An object as the server sends it: parsed, or its canonical bytes in hex. */
export type Given = string | Record<string, unknown>

export interface Logged {
  index: number
  entry: Given
  path: string[]
  size: number
  note: string
}
export interface TipDuty {
  draw_id: string
  draw: Draw
  length: number
}
/** Rows of one hat, 116 bytes each: F_id, F_q, salt_a, tag, org, region (u32). What a leaf hashes after its zero byte; never a name. */
export type HatRows = Bytes
export type HatOf = (slot: number) => Promise<HatRows>
export interface AdmissionDuty {
  draw_id: string
  M: string
  policy: Given
  manifest: Given
  accepted: number
}
export interface RevealDuty {
  draw_id: string
  j: number
  M: string
  manifest: Given
  /** The policy the draw was frozen under; a key registered since then makes a newer one. */
  policy: Given
  tip: string
  turn: boolean
  sealed_until: string | null
  freeze: Logged
  decline: Logged | null
  previous_result: Logged | null
}
export interface CheckpointDuty {
  size: number
  note: string
  consistency: string[]
  from: number
}
export interface AbortDuty {
  draw_id: string
  M: string
  reason: string
  party: string
}
export interface Holder {
  party: string
  own: OwnKey
  /** The policy in force, as given. */
  policy: Record<string, unknown>
  /** Log and witnesses trusted since this key was first used; a policy with others is not believed. */
  anchor: string
  journal: Journal
  /** Unix seconds. */
  now: () => number
}

export type CheckKey = 'manifest' | 'policy' | 'tip' | 'draw' | 'freeze' | 'decline' | 'result' | 'once' | 'sealed' | 'hats' | 'admission'
export interface DutyCheck {
  key: CheckKey
  ok: boolean
}

export const given = (value: Given): Record<string, unknown> => (typeof value === 'string' ? (readCanonical(fromHex(value)) as Record<string, unknown>) : value)

const isTest = (policy: Record<string, unknown>): boolean => policy.purpose === 'test'
const readPolicy = (raw: Record<string, unknown>): Policy => policyReader(isTest(raw))(raw, 'policy')

/** What a policy asks to be trusted: whose log, which witnesses. Holders and times may change without it. */
export function anchorOf(raw: Record<string, unknown>): string {
  const { origin, log_key, witnesses, quorum } = readPolicy(raw)
  return canonText({ origin, log_key, quorum, witnesses: witnesses.map(({ name, key, required }) => ({ name, key, required })) })
}

/** A checkpoint with the log's signature, every required cosignature and the quorum of this policy; null otherwise. */
export async function cosignedCheckpoint(whole: string, policy: Policy): Promise<Checkpoint | null> {
  const note = readCheckpoint(whole)
  if (note.origin !== policy.origin || !(await signedByLog(note, policy.origin, fromHex(policy.log_key)))) return null
  const counted = await cosignatures(note, policy.witnesses.map(({ name, key }) => ({ name, key: fromHex(key) })))
  const names = new Set(counted.map((one) => one.name))
  const required = policy.witnesses.every((witness) => !witness.required || names.has(witness.name))
  return required && names.size >= policy.quorum ? note : null
}

/** Is this entry, of the form expected, in a cosigned checkpoint? */
async function inCosigned(logged: Logged | null, policy: Policy, expected: (body: EntryBody) => boolean): Promise<boolean> {
  if (!logged) return false
  const raw = given(logged.entry)
  if (!expected(entryReader(raw, 'entry'))) return false
  const note = await cosignedCheckpoint(logged.note, policy)
  return note !== null && note.size === logged.size && logIncludes(await logLeaf(canon(raw)), logged.index, note.size, logged.path.map(fromHex), note.root)
}

/** A check that throws has not passed. */
async function holds(question: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await question()
  } catch {
    return false
  }
}

export interface Release {
  checks: DutyCheck[]
  /** All checks hold: the value may go. */
  ready: boolean
  y: string
  record: TipRecord
}

/** All checks of one release. Nothing is written or sent; `keepRelease` writes, then the caller sends. */
export async function checkReveal(duty: RevealDuty, holder: Holder, tick: (check: DutyCheck) => void = () => undefined): Promise<Release> {
  const checks: DutyCheck[] = []
  const ask = async (key: CheckKey, question: () => boolean | Promise<boolean>): Promise<void> => {
    const check = { key, ok: await holds(question) }
    checks.push(check)
    tick(check)
  }
  const { M, j, tip } = duty
  let manifest: Manifest | null = null
  let values: Bytes[] = []
  const rawPolicy = given(duty.policy)
  const policy = readPolicyOrNull(rawPolicy)
  const known = await holder.journal.tip(tip)

  await ask('manifest', async () => {
    const raw = given(duty.manifest)
    manifest = manifestReader(isTest(rawPolicy))(raw, 'manifest')
    return (await hashOf('BDP1/manifest', raw)) === M
  })
  const found = manifest as Manifest | null
  await ask('policy', async () => {
    return found !== null && (await knownPolicy(rawPolicy, found, holder))
  })
  await ask('tip', async () => {
    if (!found) return false
    values = await chainOf(holder.own.secret, found.draw, duty.draw_id, found.supp.max_steps)
    const own = found.inputs.filter((input) => input.kind === 'chain' && input.party === holder.party)
    return own.length === 1 && own[0]!.kind === 'chain' && own[0]!.tip === tip && tip === (await tipOf(values)) && j <= found.supp.max_steps
  })
  await ask('draw', () => found !== null && known !== null && known.drawId === duty.draw_id && known.draw === canonText({ ...found.draw }))
  await ask('freeze', async () => policy !== null && (await inCosigned(duty.freeze, policy, (body) => body.type === 'manifest' && body.M === M)))
  if (j > 0) {
    await ask('decline', async () => policy !== null && (await inCosigned(duty.decline, policy, (body) => body.type === 'decline' && body.M === M && body.step === j)))
    await ask('result', async () => policy !== null && (await inCosigned(duty.previous_result, policy, (body) => body.type === 'result' && body.M === M && body.step === j - 1)))
  }
  if (found?.seal.party === holder.party) await ask('sealed', () => holder.now() >= found.seal.unseal_after)
  await ask('once', () => known !== null && (known.M === '' || known.M === M))

  const ready = checks.every((check) => check.ok)
  return { checks, ready, y: ready ? toHex(values[j]!) : '', record: { ...known!, M, released: [...new Set([...(known?.released ?? []), j])] } }
}

/** Is this the policy of the manifest, with the holder's own key, and with the log and witnesses it has trusted so far? */
async function knownPolicy(raw: Record<string, unknown>, manifest: Manifest, holder: Holder): Promise<boolean> {
  const mine = readPolicy(raw).holders.find((one) => one.party === holder.party)
  return mine?.key === holder.own.key && anchorOf(raw) === holder.anchor && (await hashOf('BDP1/policy', raw)) === manifest.policy
}

/** The holder's tip of this draw, where the manifest holds exactly that one of it; null otherwise. */
async function ownTip(manifest: Manifest, drawId: string, holder: Holder): Promise<string | null> {
  const tip = await tipOf(await chainOf(holder.own.secret, manifest.draw, drawId, manifest.supp.max_steps))
  const own = manifest.inputs.filter((input) => input.kind === 'chain' && input.party === holder.party)
  return own.length === 1 && own[0]!.kind === 'chain' && own[0]!.tip === tip ? tip : null
}

function readPolicyOrNull(raw: Record<string, unknown>): Policy | null {
  try {
    return readPolicy(raw)
  } catch {
    return null
  }
}

/** Makes the tip of a draw and notes it, before anything is sent: from then on the tip belongs to this draw. */
export async function makeTip(duty: TipDuty, holder: Holder): Promise<{ tip: string; sig: string }> {
  const values = await chainOf(holder.own.secret, duty.draw, duty.draw_id, duty.length)
  const tip = await tipOf(values)
  const before = await holder.journal.tip(tip)
  if (!before) await holder.journal.keepTip({ tip, drawId: duty.draw_id, draw: canonText({ ...duty.draw }), M: '', released: [] })
  return { tip, sig: await signedTip(holder.own, holder.party, duty.draw, tip) }
}

export interface Admission {
  checks: DutyCheck[]
  /** All checks hold: the entry may be signed. */
  ready: boolean
  /** Members of the committee, kept ones among them, what it must keep by region, and whether the vault keeps the seal. */
  committee: { members: number; regions: readonly RegionRule[]; sealed: boolean }
}

/**
 * The supervisor repeats the admission test over the rows handed over, after it has made sure that they are the hats
 * of the manifest, and the manifest that of a draw it gave its tip for. Rows are many: they are asked for only then.
 * Nothing is signed here; `signedAdmission` signs.
 */
export async function checkAdmission(duty: AdmissionDuty, hatOf: HatOf, holder: Holder): Promise<Admission> {
  const checks: DutyCheck[] = []
  const ask = async (key: CheckKey, question: (found: Manifest) => boolean | Promise<boolean>): Promise<void> => {
    checks.push({ key, ok: await holds(async () => found !== null && (await question(found))) })
  }
  let found: Manifest | null = null
  const whole = await holds(async () => {
    const raw = given(duty.manifest)
    found = manifestReader(isTest(given(duty.policy)))(raw, 'manifest')
    return (await hashOf('BDP1/manifest', raw)) === duty.M
  })
  checks.push({ key: 'manifest', ok: whole })
  await ask('policy', (manifest) => knownPolicy(given(duty.policy), manifest, holder))
  await ask('tip', async (manifest) => (await ownTip(manifest, duty.draw_id, holder)) !== null)
  await ask('draw', async (manifest) => {
    const tip = await ownTip(manifest, duty.draw_id, holder)
    const known = tip === null ? null : await holder.journal.tip(tip)
    return known?.drawId === duty.draw_id && known.draw === canonText({ ...manifest.draw }) && (known.M === '' || known.M === duty.M)
  })
  const drawn: { seats: number; hat: Member[] }[] = []
  if (checks.every((check) => check.ok)) await ask('hats', async ({ slots, keep, draw }) => {
    if (keep.length > 0 && draw.seq === 1) return false
    // Who keeps a seat is never drawn beside it.
    const kept = new Set(keep.map((one) => one.tag))
    for (const [s, slot] of slots.entries()) {
      const rows = await hatOf(s)
      const hat = membersOf(rows)
      const rising = hat.every((member, at) => at === 0 || hat[at - 1]!.tag < member.tag)
      if (hat.some((member) => kept.has(member.tag))) return false
      if (!rising || hat.length !== slot.n || toHex(await w256Root(await leavesOf(rows))) !== slot.hat) return false
      drawn.push({ seats: slot.seats, hat })
    }
    return true
  })
  const committee: Admission['committee'] = { members: 0, regions: [], sealed: true }
  // The dry run is long; over rows that are not the draw's it would say nothing.
  if (checks.every((check) => check.ok)) await ask('admission', async ({ keep, rules, slots, seal }) => {
    Object.assign(committee, { members: keep.length + slots.reduce((sum, slot) => sum + slot.seats, 0), regions: rules.regions, sealed: seal.party !== '' })
    return duty.accepted >= 16 && (await admission(fromHex(duty.M), drawn, keep, rules)) === duty.accepted
  })
  return { checks, ready: checks.every((check) => check.ok), committee }
}

const ROW_BYTES = 116
/** So many digests are asked for at once: a promise for each row of a national hat would be memory for nothing. */
const AT_ONCE = 4096

/** What the rules see of each row; throws where a piece of one is left over. */
function membersOf(rows: HatRows): Member[] {
  if (rows.length % ROW_BYTES) throw new Error('rows of 116 bytes')
  const numbers = new DataView(rows.buffer, rows.byteOffset, rows.byteLength)
  return Array.from({ length: rows.length / ROW_BYTES }, (_, place) => {
    const at = place * ROW_BYTES
    return { tag: toHex(rows.subarray(at + 80, at + 96)), org: toHex(rows.subarray(at + 96, at + 112)), region: numbers.getUint32(at + 112) }
  })
}

async function leavesOf(rows: HatRows): Promise<Bytes[]> {
  const leaves: Bytes[] = []
  for (let first = 0; first < rows.length; first += AT_ONCE * ROW_BYTES) {
    const some: Promise<Bytes>[] = []
    for (let at = first; at < Math.min(rows.length, first + AT_ONCE * ROW_BYTES); at += ROW_BYTES) some.push(sha256(new Uint8Array([0]), rows.subarray(at, at + ROW_BYTES)))
    leaves.push(...(await Promise.all(some)))
  }
  return leaves
}

/** The supervisor's signature under an admission that `checkAdmission` found ready. */
export async function signedAdmission({ M, accepted }: AdmissionDuty, holder: Holder): Promise<string> {
  const entry = { type: 'admission', M, accepted, party: holder.party }
  return toHex(await holder.own.sign(concat(utf8('BDP1/entry\0'), canon(entry))))
}

/** The log has not grown out of what this witness signed last, or is not signed by the log. Never cosigned. */
export class NotConsistent extends Error {}

/** Verifies and signs a checkpoint. It is noted before the line is given out: two histories are never signed. */
export async function cosign(duty: CheckpointDuty, witness: { name: string }, holder: Holder): Promise<string> {
  const policy = readPolicy(holder.policy)
  const note = readCheckpoint(duty.note)
  if (anchorOf(holder.policy) !== holder.anchor) throw new NotConsistent()
  if (note.size !== duty.size || note.origin !== policy.origin || !(await signedByLog(note, policy.origin, fromHex(policy.log_key)))) throw new NotConsistent()
  const last = await holder.journal.witnessed(note.origin)
  if (last && !(await logConsistent(last.size, fromHex(last.root), note.size, note.root, duty.consistency.map(fromHex)))) throw new NotConsistent()
  await holder.journal.keepWitnessed({ origin: note.origin, size: note.size, root: toHex(note.root) })
  const time = Math.floor(holder.now())
  const signature = await holder.own.sign(cosigned(note.text, time))
  return `\u2014 ${witness.name} ${toBase64(await cosignatureBlob(witness.name, fromHex(holder.own.key), unsigned(time, 8), signature))}\n`
}

/** The supervisor's signature under an abort: Ed25519 over the entry without it. */
export async function signedAbort({ M, reason, party }: AbortDuty, own: OwnKey): Promise<string> {
  return toHex(await own.sign(concat(utf8('BDP1/entry\0'), canon({ type: 'abort', M, reason, party }))))
}
