/** Opens a sealed sheet with the room's own key (PROTOCOL.md, 6): the other half of room/sealing.ts, for the toy room alone. */
import { concat, fromHex, fromUtf8, hkdf, toHex, utf8, type Bytes } from '@/draw/bytes'
import type { Envelope, OpenedSheet, Sheet } from '@/room/types'

export interface ToyKey { pair: CryptoKeyPair; publicHex: string }

export async function freshKey(): Promise<ToyKey> {
  const pair = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair
  return { pair, publicHex: toHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))) }
}

async function decrypt(key: Bytes, iv: Bytes, secret: Bytes, additionalData: Bytes): Promise<Bytes> {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, aes, secret))
}

/** Throws OperationError when a byte was changed or the key is another one. */
export async function open(seat: string, index: number, commitment: string, envelope: Envelope, key: ToyKey): Promise<OpenedSheet> {
  const [bound, eph] = [fromHex(commitment), fromHex(envelope.eph)]
  const theirs = await crypto.subtle.importKey('raw', eph, 'X25519', false, [])
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, key.pair.privateKey, 256))
  const wrap = await hkdf(shared, concat(eph, fromHex(key.publicHex)), utf8('expert-draw/sheet-key/1'))
  const inner = await decrypt(wrap, new Uint8Array(12), fromHex(envelope.wrapped), bound)
  const plain = await decrypt(inner, fromHex(envelope.iv), fromHex(envelope.ct), bound)
  return { seat, index, commitment, salt: toHex(plain.slice(0, 32)), sheet: JSON.parse(fromUtf8(plain.slice(32))) as Sheet }
}
