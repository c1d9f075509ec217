/** Sealing a sheet as PROTOCOL.md section 6 says, with WebCrypto alone. */
import { concat, fromHex, hkdf, lengthPrefixed, sha256, toHex, utf8, type Bytes } from '@/draw/bytes'
import { canon } from '@/draw/canon'
import { RoomRefusal } from './connection'
import type { Envelope, Sheet } from './types'

const COMMITMENT_TAG = 'expert-draw/sheet/1'
const KEY_INFO = 'expert-draw/sheet-key/1'

/** The random inputs of one sealing; fresh each time, fixed only in vectors. */
export interface Chance { salt: Bytes; ephemeral: CryptoKeyPair; key: Bytes; iv: Bytes }

const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size))

export async function freshChance(): Promise<Chance> {
  const ephemeral = (await crypto.subtle.generateKey('X25519', true, ['deriveBits'])) as CryptoKeyPair
  return { salt: random(32), ephemeral, key: random(32), iv: random(12) }
}

/** H(tag ‖ 00 ‖ u32|salt| ‖ salt ‖ u32|sheet| ‖ sheet). */
export const commitmentOf = (salt: Bytes, sheet: Bytes): Promise<Bytes> =>
  sha256(utf8(COMMITMENT_TAG), new Uint8Array([0]), lengthPrefixed(salt), lengthPrefixed(sheet))

async function encrypt(key: Bytes, iv: Bytes, plain: Bytes, additionalData: Bytes): Promise<Bytes> {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, aes, plain))
}

/** Bytes of a canonical sheet that an envelope may hold: 1 MiB with its salt and tag. */
export const MAX_SHEET = 2 ** 20 - 48

/** Commitment and envelope of a sheet for the room's opening key (64 hex characters). */
export async function seal(sheet: Sheet, openingKey: string, given?: Chance): Promise<{ commitment: string; envelope: Envelope }> {
  const chance = given ?? (await freshChance())
  const room = fromHex(openingKey)
  const body = canon(sheet)
  if (body.length > MAX_SHEET) throw new RoomRefusal('client.too_large')
  const bound = await commitmentOf(chance.salt, body)
  const eph = new Uint8Array(await crypto.subtle.exportKey('raw', chance.ephemeral.publicKey))
  const opening = await crypto.subtle.importKey('raw', room, 'X25519', false, [])
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: opening }, chance.ephemeral.privateKey, 256))
  const wrap = await hkdf(shared, concat(eph, room), utf8(KEY_INFO))
  const wrapped = await encrypt(wrap, new Uint8Array(12), chance.key, bound)
  const ct = await encrypt(chance.key, chance.iv, concat(chance.salt, body), bound)
  return { commitment: toHex(bound), envelope: { v: 1, eph: toHex(eph), wrapped: toHex(wrapped), iv: toHex(chance.iv), ct: toHex(ct) } }
}

/** Can this browser seal? False without X25519 or outside a secure context. */
export async function canSeal(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('X25519', false, ['deriveBits'])
    return true
  } catch {
    return false
  }
}

/** Does an opened sheet equal the commitment its member published? */
export async function matchesCommitment(opened: { commitment: string; salt: string; sheet: Sheet }): Promise<boolean> {
  return toHex(await commitmentOf(fromHex(opened.salt), canon(opened.sheet))) === opened.commitment
}
