// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { concat, fromHex, sha256, toBase64, toHex, unsigned, utf8, type Bytes } from './bytes'
import { canon, canonText } from './canon'
import { LogSilent, type PublicLog } from './case'
import { cosignatureBlob, cosigned, keyId, readCheckpoint } from './note'
import { idHash, leafHash, qualificationHash } from './checks-draw'
import { hashOf } from './checks-form'
import { vectors } from './vectors'
import { CHECK_NAMES, verify, type Asked, type Verdict } from './verify'

/** Vectors are changed by place, as their note describes. */
interface Changeable {
  manifest: { rules: { org_cap: number }; slots: { n: number }[] }
  policy: { quorum: number; purpose: string }
  checkpoints: { note: string; consistency: string[] }[]
  entries: { body: Record<string, string> }[]
  handle_salt: string
  tips: { sig: string }[]
  beacon: { signature: string }[]
  openings: Record<string, unknown>[]
  results: { salt: string }[]
  snapshot_proofs: ({ salt_a: string } & Record<string, unknown>)[]
}
interface Case_ {
  bundle: Changeable
  M: string
}
interface File {
  derivation: { F_id: string; F_q: string; leaf: string; identity: unknown; qualification: unknown; salt_id: string; salt_q: string; salt_a: string; tag: string; org: string; region: number }
  open: Case_
  sealed: Case_
  escrow_opened: Case_
  mutations: { base: 'open' | 'sealed' | 'escrow_opened'; change: string; verdict: string }[]
}
const file = vectors<File>('bdp1-bundles.json')
const T = 1692803733
const flip = (text: string): string => (text.startsWith('0') ? `1${text.slice(1)}` : `0${text.slice(1)}`)
const test: Asked = { purpose: 'test', pinned: [] }
const outcomeOf = (verdict: Verdict, name: string): string | undefined => verdict.checks.find((check) => check.name === name)?.outcome

// ---- signing anew, only needed to make the mutated notes ------------------------

async function signer(label: string): Promise<{ pk: Bytes; sign: (message: Bytes) => Promise<Bytes> }> {
  const pkcs8 = concat(fromHex('302e020100300506032b657004220420'), await sha256(utf8(label)))
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', key)
  const pk = Uint8Array.from(atob(x!.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
  return { pk, sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, message)) }
}

async function resigned(note: string, t: number): Promise<string> {
  const { text, origin } = readCheckpoint(note)
  const log = await signer('log')
  let out = `${text}\n\u2014 ${origin} ${toBase64(concat(await keyId(origin, 1, log.pk), await log.sign(utf8(text))))}\n`
  for (const [i, name] of ['supervisor.example/w', 'notary.example/w'].entries()) {
    const witness = await signer(name)
    const signature = await witness.sign(cosigned(text, t + i))
    out += `\u2014 ${name} ${toBase64(await cosignatureBlob(name, witness.pk, unsigned(t + i, 8), signature))}\n`
  }
  return out
}

const CHANGES: Record<string, (b: Changeable) => void | Promise<void>> = {
  'verified with purpose production': () => undefined,
  'manifest: org_cap 2': (b) => void (b.manifest.rules.org_cap = 2),
  'policy: quorum 1': (b) => void (b.policy.quorum = 1),
  'one cosignature removed': (b) => void (b.checkpoints[1]!.note = b.checkpoints[1]!.note.replace(/[^\n]+\n$/, '')),
  'consistency hash flipped': (b) => void (b.checkpoints[3]!.consistency = b.checkpoints[3]!.consistency.map(flip)),
  'entry body changed': (b) => void (b.entries[2]!.body.y = flip(b.entries[2]!.body.y!)),
  'reveal entry left out': (b) => void b.entries.splice(2, 1),
  'handle salt changed': (b) => void (b.handle_salt = flip(b.handle_salt)),
  'snapshot checkpoint cosigned too late': async (b) => void (b.checkpoints[0]!.note = await resigned(b.checkpoints[0]!.note, T - 1000)),
  'reveals cosigned 10 s before the round': async (b) => void (b.checkpoints[2]!.note = await resigned(b.checkpoints[2]!.note, T - 10)),
  'tip signature changed': (b) => void (b.tips[0]!.sig = flip(b.tips[0]!.sig)),
  'beacon signature changed': (b) => void (b.beacon[0]!.signature = `${b.beacon[0]!.signature.slice(0, -1)}3`),
  'opened region changed': (b) => void (b.openings[0]!.region = 110000),
  'opening left out': (b) => void b.openings.splice(0, 1),
  'result salt changed': (b) => void (b.results[0]!.salt = flip(b.results[0]!.salt)),
  'one escrow share missing': (b) => void b.entries.splice(b.entries.findIndex((one) => one.body.type === 'share'), 1),
  'hat below hat_min': (b) => void (b.manifest.slots[0]!.n = 5),
  'vault key revealed before unseal_after': async (b) => void (b.checkpoints.at(-1)!.note = await resigned(b.checkpoints.at(-1)!.note!, T + 700)),
  'winner not in the snapshot': (b) => void (b.snapshot_proofs[0]!.salt_a = flip(b.snapshot_proofs[0]!.salt_a)),
}
/** Without BLS a changed beacon signature shows as another seed. */
const WITHOUT_BLS: Record<string, string> = { 'beacon signature changed': 'attempt.first_feasible' }

describe('leaf derivation', () => {
  it('hashes as the vectors say', async () => {
    const d = file.derivation
    const [id, q] = [await idHash(d.salt_id, d.identity), await qualificationHash(d.salt_q, d.qualification)]
    expect([toHex(id), toHex(q), toHex(await leafHash(id, q, d))]).toEqual([d.F_id, d.F_q, d.leaf])
  })
})

describe.each(['open', 'sealed', 'escrow_opened'] as const)('bundle %s', (name) => {
  const { bundle, M } = file[name]

  it('holds in every check but the beacon signature, and is therefore incomplete', async () => {
    const seen: string[] = []
    const verdict = await verify(canon(bundle), test, (check, outcome) => void (outcome === 'running' || seen.push(check)))
    expect(verdict.checks.filter((check) => check.outcome !== 'passed')).toEqual([
      { name: 'beacon.signed', outcome: 'not checked', detail: '' },
      { name: 'log.complete', outcome: 'not checked', detail: '' },
    ])
    expect([verdict.verdict, verdict.failed, verdict.about.M, verdict.about.assurance]).toEqual(['incomplete', null, M, 'none'])
    expect(seen).toEqual(CHECK_NAMES)
  })

  it('gives the same verdict when split into attribute bundle and identities', async () => {
    const { attributes, identities } = await split(bundle, M)
    const alone = await verify(canon(attributes), test)
    expect([alone.verdict, outcomeOf(alone, 'member.named')]).toEqual(['incomplete', 'withheld'])
    const both = await verify(canon(attributes), { ...test, identities: canon(identities) })
    expect([both.verdict, outcomeOf(both, 'member.named')]).toEqual(['incomplete', 'passed'])
    const other = structuredClone(identities)
    ;(other.members[0]!.identity as { id: string }).id = 'E9999'
    expect((await verify(canon(attributes), { ...test, identities: canon(other) })).failed).toBe('member.named')
  })

  it('finds an entry that the log has and the bundle lacks', async () => {
    const data = bundle.entries.map((entry) => canon(entry.body))
    const note = bundle.checkpoints.at(-1)!.note
    const log = (change: (one: Bytes, i: number) => Bytes = (one) => one): PublicLog => ({
      checkpoint: async () => note,
      consistency: async () => [],
      entries: async (start, end) => data.slice(start, end).map(change),
    })
    expect(outcomeOf(await verify(canon(bundle), { ...test, log: log() }), 'log.complete')).toBe('passed')
    const other = log((one, i) => (i === 4 ? canon({}) : one))
    expect((await verify(canon(bundle), { ...test, log: other })).failed).toBe('log.complete')
    const forked = { ...log(), checkpoint: async () => note.replace(/\n\d+\n/, '\n99\n') }
    expect((await verify(canon(bundle), { ...test, log: forked })).failed).toBe('log.complete')
    const short = { ...log(), checkpoint: async () => bundle.checkpoints[0]!.note }
    expect((await verify(canon(bundle), { ...test, log: short })).checks.at(-1)!.detail).toBe('the log is shorter than the bundle')
  })

  it('leaves the verdict open when the log that was asked is silent', async () => {
    const silent = (): Promise<never> => Promise.reject(new LogSilent('nobody there'))
    const log: PublicLog = { checkpoint: silent, consistency: silent, entries: silent }
    const verdict = await verify(canon(bundle), { ...test, log })
    expect([verdict.verdict, outcomeOf(verdict, 'log.complete')]).toEqual(['incomplete', 'not checked'])
  })
})

describe('a redraw that keeps members, as the service wrote it', () => {
  const bundle = vectors<{ manifest: { keep: object[] } }>('redraw_bundle.json')

  it('holds in every check that can be made off line', async () => {
    const verdict = await verify(canon(bundle), test)
    expect(verdict.checks.filter((check) => check.outcome !== 'passed').map((check) => check.name)).toEqual(['member.named', 'log.complete'])
    expect([verdict.verdict, bundle.manifest.keep.length]).toEqual(['passed', 3])
  })

  it('fails when somebody else is kept than was frozen', async () => {
    const keep = bundle.manifest.keep.slice(1)
    expect((await verify(canon({ ...bundle, manifest: { ...bundle.manifest, keep } }), test)).failed).toBe('entry.manifest')
  })
})

describe('every mutation', () => {
  it('is known here', () => expect(file.mutations.map((one) => one.change).sort()).toEqual(Object.keys(CHANGES).sort()))

  it.each(file.mutations)('$base: $change → $verdict', async ({ base, change, verdict }) => {
    const bundle = structuredClone(file[base].bundle)
    await CHANGES[change]!(bundle)
    const asked: Asked = change.includes('production') ? { ...test, purpose: 'production' } : test
    const found = await verify(canon(bundle), asked)
    expect(found.failed).toBe(WITHOUT_BLS[change] ?? verdict)
    expect(found.verdict).toBe('failed')
    const after = found.checks.slice(CHECK_NAMES.indexOf(found.failed!) + 1)
    expect(after.every((check) => check.outcome === 'not run')).toBe(true)
  })
})

describe('form', () => {
  const form = async (change: (b: Changeable) => void): Promise<string | null> => {
    const bundle = structuredClone(file.open.bundle)
    change(bundle)
    return (await verify(canon(bundle), test)).failed
  }
  const refused: [string, (b: Changeable) => void][] = [
    ['another member', (b) => void Object.assign(b, { extra: '' })],
    ['a missing member', (b) => void delete (b as Partial<Changeable>).beacon],
    ['upper-case hex', (b) => void (b.handle_salt = b.handle_salt.toUpperCase())],
    ['hex too short', (b) => void (b.entries[2]!.body.y = '00')],
    ['an unknown entry', (b) => void (b.entries[2]!.body.type = 'note')],
    ['a name in an opening', (b) => void (b.openings[0]!.name = '张')],
    ['another policy purpose', (b) => void (b.policy.purpose = 'demo')],
  ]
  it.each(refused)('%s fails bundle.form', async (_, change) => expect(await form(change)).toBe('bundle.form'))

  it('other spellings of the same object fail bundle.form', async () => {
    const text = canonText(file.open.bundle)
    for (const other of [` ${text}`, `${text}\n`, text.replace('"quorum":2', '"quorum":2.0'), text.replace('"v":"BDP1-bundle"', '"v":"BDP1-bundle","v":"BDP1-bundle"')]) {
      expect(other).not.toBe(text)
      expect((await verify(utf8(other), test)).failed).toBe('bundle.form')
    }
  })

  it('the joined form is for tests only', async () => {
    const bundle = structuredClone(file.open.bundle)
    bundle.policy.purpose = 'production'
    Object.assign(bundle.policy, { operator: 'a' })
    expect((await verify(canon(bundle), { purpose: 'production', pinned: [] })).failed).toBe('bundle.form')
  })

  it('a pinned policy must be that policy', async () => {
    const pin = await hashOf('BDP1/policy', file.open.bundle.policy)
    expect((await verify(canon(file.open.bundle), { purpose: 'test', pinned: [pin] })).failed).toBe(null)
    expect((await verify(canon(file.open.bundle), { purpose: 'test', pinned: ['00'.repeat(32)] })).failed).toBe('policy.pinned')
  })
})

async function split(bundle: Changeable, M: string): Promise<{ attributes: unknown; identities: { v: string; M: string; members: { [key: string]: unknown }[] } }> {
  const attributes = structuredClone(bundle) as { openings: Record<string, unknown>[]; snapshot_proofs: Record<string, unknown>[] }
  const members: { [key: string]: unknown }[] = []
  for (const one of attributes.openings) {
    if (!('identity' in one)) continue
    const { salt_id, identity, salt_q, qualification } = one
    const { slot, position, ...snapshot } = attributes.snapshot_proofs.find((proof) => proof.slot === one.slot && proof.position === one.position)!
    members.push({ slot, position, salt_id, identity, salt_q, qualification, snapshot })
    one.F_id = toHex(await idHash(salt_id as string, identity))
    one.F_q = toHex(await qualificationHash(salt_q as string, qualification))
    for (const key of ['salt_id', 'identity', 'salt_q', 'qualification']) delete one[key]
  }
  attributes.snapshot_proofs = []
  return { attributes, identities: { v: 'BDP1-identities', M, members } }
}

