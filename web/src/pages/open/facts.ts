/** The public facts of this installation, read as bytes and checked in the visitor's browser. */
import { ref, shallowRef } from 'vue'
import { Refusal, send } from '@/api/client'
import { fingerprint } from '@/draw/base32'
import { concat, fromHex, sha256, toHex, utf8, type Bytes } from '@/draw/bytes'
import { cosignatures, readCheckpoint, signedByLog, type Checkpoint } from '@/draw/note'

export interface PublicDraw {
  id: string
  M: string
  state: string
  sealed: boolean
  unsealed_at: string | null
}
export interface PublicPolicy {
  purpose: string
  assurance: string
  origin: string
  log_key: string
  operator: string
  witnesses: { name: string; key: string; required: boolean; body: string }[]
  quorum: number
  holders: { party: string; key: string; body: string; home: string }[]
}
/** `unable`: this browser lacks the signature or the page is not in a secure context. */
export type Signed = 'good' | 'bad' | 'unable'
export interface CheckpointFacts {
  note: string
  origin: string
  size: number
  fingerprint: string
  log: Signed
  witnesses: { name: string; time: number }[]
}

/** Hash of a policy as certificates print it: SHA-256 over its canonical bytes as they were sent. */
export async function policyHash(bytes: Uint8Array): Promise<string> {
  return toHex(await sha256(utf8('BDP1/policy\0'), bytes))
}

export async function checkpointFacts(note: string, policy: PublicPolicy | null): Promise<CheckpointFacts> {
  const read = readCheckpoint(note)
  const facts = { note, origin: read.origin, size: read.size, fingerprint: fingerprint(read.root), log: 'unable' as Signed, witnesses: [] as { name: string; time: number }[] }
  if (!policy || !globalThis.crypto?.subtle) return facts
  try {
    facts.log = (await signedByLog(read, policy.origin, fromHex(policy.log_key))) ? 'good' : 'bad'
    facts.witnesses = await countable(read, policy)
  } catch (cause) {
    // Ed25519 is missing in older browsers; anything else is a fault of ours.
    if (!(cause instanceof DOMException)) throw cause
    facts.log = 'unable'
  }
  return facts
}

const countable = (read: Checkpoint, policy: PublicPolicy): Promise<{ name: string; time: number }[]> =>
  cosignatures(read, policy.witnesses.map((one) => ({ name: one.name, key: fromHex(one.key) as Bytes })))

export function usePublicFacts() {
  const policy = shallowRef<PublicPolicy | null>(null)
  const policyBytes = shallowRef<Uint8Array<ArrayBuffer> | null>(null)
  const hash = ref('')
  const checkpoint = shallowRef<CheckpointFacts | null>(null)
  const noPolicy = shallowRef<Refusal | null>(null)
  const noCheckpoint = shallowRef<Refusal | null>(null)

  async function load(): Promise<void> {
    try {
      const bytes = new Uint8Array(await (await send('GET', '/api/public/policy')).arrayBuffer())
      policy.value = JSON.parse(new TextDecoder().decode(bytes)) as PublicPolicy
      policyBytes.value = concat(bytes)
      if (globalThis.crypto?.subtle) hash.value = await policyHash(bytes)
      noPolicy.value = null
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      noPolicy.value = cause
    }
    try {
      const note = await (await send('GET', '/log/checkpoint')).text()
      checkpoint.value = await checkpointFacts(note, policy.value)
      noCheckpoint.value = null
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      noCheckpoint.value = cause
    }
  }
  return { policy, policyBytes, hash, checkpoint, noPolicy, noCheckpoint, load }
}
