/** §8: a checkpoint as signed note (C2SP signed-note, tlog-checkpoint, cosignature/v1). */
import { concat, ed25519, equal, fromBase64, sha256, toBigInt, utf8, type Bytes } from './bytes'

export interface Checkpoint {
  /** The signed text: origin, size, base64 root, each with its newline. */
  text: string
  origin: string
  size: number
  root: Bytes
  lines: { name: string; keyId: Bytes; rest: Bytes }[]
}
export interface WitnessKey {
  name: string
  key: Bytes
}
export interface Cosignature {
  name: string
  /** Unix seconds, as the witness signed them. */
  time: number
}

export class BadNote extends Error {}

const LOG = 0x01
const COSIGNATURE = 0x04
const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u

export function readCheckpoint(note: string): Checkpoint {
  const cut = note.indexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) throw new BadNote('no signatures')
  const text = note.slice(0, cut + 1)
  const [origin, size, root, ...more] = text.slice(0, -1).split('\n')
  if (!origin || !size || !root || more.length > 0) throw new BadNote('not three lines')
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw new BadNote('size')
  const hash = fromBase64(root)
  if (hash.length !== 32) throw new BadNote('root')
  const lines = note.slice(cut + 2, -1).split('\n').map(readLine)
  return { text, origin, size: Number(size), root: hash, lines }
}

function readLine(line: string): Checkpoint['lines'][number] {
  const [, name, data] = LINE.exec(line) ?? []
  if (!name || !data) throw new BadNote('signature line')
  const bytes = fromBase64(data)
  if (bytes.length < 5) throw new BadNote('signature too short')
  return { name, keyId: bytes.slice(0, 4), rest: bytes.slice(4) }
}

/** First four bytes of H(name ‖ newline ‖ algorithm ‖ key). */
export async function keyId(name: string, algorithm: number, key: Bytes): Promise<Bytes> {
  return (await sha256(utf8(`${name}\n`), new Uint8Array([algorithm]), key)).slice(0, 4)
}

export async function signedByLog(note: Checkpoint, origin: string, key: Bytes): Promise<boolean> {
  const id = await keyId(origin, LOG, key)
  for (const line of note.lines) {
    if (line.name !== origin || !equal(line.keyId, id) || line.rest.length !== 64) continue
    if (await ed25519(key, line.rest, utf8(note.text))) return true
  }
  return false
}

/** What a witness signs at a time. */
export const cosigned = (text: string, time: number | bigint): Bytes => utf8(`cosignature/v1\ntime ${time}\n${text}`)

/** Every valid cosignature of the witnesses given; lines of others and wrong ones are not counted. */
export async function cosignatures(note: Checkpoint, witnesses: readonly WitnessKey[]): Promise<Cosignature[]> {
  const valid: Cosignature[] = []
  for (const witness of witnesses) {
    const id = await keyId(witness.name, COSIGNATURE, witness.key)
    for (const line of note.lines) {
      if (line.name !== witness.name || !equal(line.keyId, id) || line.rest.length !== 72) continue
      const time = toBigInt(line.rest.slice(0, 8))
      if (time > BigInt(Number.MAX_SAFE_INTEGER)) continue
      if (await ed25519(witness.key, line.rest.slice(8), cosigned(note.text, time))) valid.push({ name: witness.name, time: Number(time) })
    }
  }
  return valid
}

/** Bytes of a cosignature line after the name: key id ‖ u64 time ‖ signature. */
export async function cosignatureBlob(name: string, key: Bytes, time: Bytes, signature: Bytes): Promise<Bytes> {
  return concat(await keyId(name, COSIGNATURE, key), time, signature)
}
