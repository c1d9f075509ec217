/** Test help: the operations of tests/vectors/tampered_verdicts.json, written apart from tools/tampered_ops.py. Only tests import this. */
import { concat, fromHex, sha256, toBase64, toHex, unsigned, utf8, type Bytes } from './bytes'
import { canon } from './canon'
import { cosignatureBlob, cosigned, keyId } from './note'
import { logLeaf, logRoot } from './trees'

export interface Operation {
  op: 'set' | 'rename' | 'remove' | 'add' | 'reverse' | 'double' | 'bytes'
  path: (string | number)[]
  value?: unknown
}
type Mark = [size: number, at: number, lie?: string]
export interface Tampered {
  base: string
  why: string
  on?: 'identities'
  ops: Operation[]
  relog?: { seed: string; marks: Mark[] }
  verdict: string
  failed: string | null
}
interface Logged {
  policy: { origin: string; witnesses: { name: string }[] }
  entries: { index: number; body: unknown; path: string[] }[]
  checkpoints: { note: string; consistency: string[] }[]
}
type Holder = Record<string | number, unknown>

const TWICE = 'the member that is written twice'

/** The file that a case makes of a bundle, or of a file of identities. */
export async function fileOf(value: unknown, { ops, relog }: Tampered): Promise<Bytes> {
  let changed = structuredClone(value)
  const doubled: [single: string, member: string][] = []
  for (const one of ops) changed = applied(changed, one, doubled)
  if (relog) await signAnew(changed as Logged, relog.seed, relog.marks)
  let text = written(changed)
  for (const [single, member] of doubled) text = text.replace(single, () => `${member},${member}`)
  let data = utf8(text)
  for (const { op, value: splice } of ops) {
    if (op !== 'bytes') continue
    const { at, cut, hex } = splice as { at: number; cut: number; hex: string }
    data = concat(data.slice(0, at), fromHex(hex), data.slice(at + cut))
  }
  return data
}

/** Canonical text where there is one; else the same spelling of what has none. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${written((value as Holder)[key])}`).join(',')}}`
}

function applied(value: unknown, { op, path, value: given }: Operation, doubled: [string, string][]): unknown {
  if (op === 'bytes') return value
  const last = path.at(-1)
  if (last === undefined) return given
  const parent = path.slice(0, -1).reduce<unknown>((held, step) => (held as Holder)[step], value) as Holder
  const list = Array.isArray(parent) ? parent : null
  switch (op) {
    case 'rename':
      put(parent, String(given), parent[last])
      delete parent[last]
      break
    case 'remove':
      if (list) list.splice(Number(last), 1)
      else delete parent[last]
      break
    case 'add':
      if (list) list.splice(Number(last), 0, given)
      else put(parent, last, given)
      break
    case 'reverse':
      ;(parent[last] as unknown[]).reverse()
      break
    case 'double':
      if (list) list.splice(Number(last), 0, structuredClone(list[Number(last)]))
      else {
        doubled.push([`${JSON.stringify(last)}:${JSON.stringify(TWICE)}`, `${JSON.stringify(last)}:${written(parent[last])}`])
        parent[last] = TWICE
      }
      break
    default:
      parent[last] = given
  }
  return value
}

/** Assignment alone would not make a member called `__proto__`. */
const put = (parent: Holder, key: string | number, value: unknown): void => void Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })

// ---- the log, signed anew over other entries ---------------------------------------

async function signAnew(bundle: Logged, seed: string, marks: Mark[]): Promise<void> {
  const leaves = await Promise.all(bundle.entries.map((entry) => logLeaf(canon(entry.body))))
  const shown = leaves.slice(0, marks.at(-1)![0])
  for (const [index, entry] of bundle.entries.entries()) Object.assign(entry, { index, path: (await inclusion(index, shown)).map(toHex) })
  bundle.checkpoints = []
  for (const [i, mark] of marks.entries()) {
    const [before, size] = [marks[i - 1]?.[0] ?? 0, mark[0]]
    const proof = before === 0 || before === size ? [] : await consistency(before, leaves.slice(0, size), true)
    bundle.checkpoints.push({ note: await noteOf(bundle.policy, seed, leaves, mark), consistency: proof.map(toHex) })
  }
}

async function noteOf(policy: Logged['policy'], seed: string, leaves: Bytes[], [size, at, lie]: Mark): Promise<string> {
  const root = lie ? fromHex(lie) : await logRoot(leaves.slice(0, size))
  const text = `${policy.origin}\n${size}\n${toBase64(root)}\n`
  const log = await signer(`${seed}log`)
  let note = `${text}\n\u2014 ${policy.origin} ${toBase64(concat(await keyId(policy.origin, 1, log.key), await log.sign(utf8(text))))}\n`
  for (const [later, { name }] of policy.witnesses.entries()) {
    const [witness, time] = [await signer(seed + name), BigInt(at) + BigInt(later)]
    note += `\u2014 ${name} ${toBase64(await cosignatureBlob(name, witness.key, unsigned(time, 8), await witness.sign(cosigned(text, time))))}\n`
  }
  return note
}

/** An Ed25519 key whose seed is SHA-256 of a label. */
export async function signer(label: string): Promise<{ key: Bytes; sign: (message: Bytes) => Promise<Bytes> }> {
  const pkcs8 = concat(fromHex('302e020100300506032b657004220420'), await sha256(utf8(label)))
  const secret = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', secret)
  const key = Uint8Array.from(atob(x!.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
  return { key, sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', secret, message)) }
}

const half = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1)

/** RFC 6962 §2.1.1. */
async function inclusion(m: number, d: Bytes[]): Promise<Bytes[]> {
  if (d.length <= 1) return []
  const k = half(d.length)
  return m < k ? [...(await inclusion(m, d.slice(0, k))), await logRoot(d.slice(k))] : [...(await inclusion(m - k, d.slice(k))), await logRoot(d.slice(0, k))]
}

/** RFC 6962 §2.1.2. */
async function consistency(m: number, d: Bytes[], whole: boolean): Promise<Bytes[]> {
  if (m === d.length) return whole ? [] : [await logRoot(d)]
  const k = half(d.length)
  return m <= k ? [...(await consistency(m, d.slice(0, k), whole)), await logRoot(d.slice(k))] : [...(await consistency(m - k, d.slice(k), false)), await logRoot(d.slice(0, k))]
}
