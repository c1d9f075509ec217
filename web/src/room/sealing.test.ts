import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/vectors/sheet_envelope.json'
import { fromHex } from '@/draw/bytes'
import { canonText } from '@/draw/canon'
import { matchesCommitment, seal } from './sealing'
import type { Sheet } from './types'

/** RFC 8410: the prefix of a PKCS #8 X25519 private key. */
const PKCS8 = '302e020100300506032b656e04220420'
const base64url = (hex: string): string => btoa(String.fromCharCode(...fromHex(hex))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

async function pair(privateHex: string, publicHex: string): Promise<CryptoKeyPair> {
  const privateKey = await crypto.subtle.importKey('pkcs8', fromHex(PKCS8 + privateHex), 'X25519', false, ['deriveBits'])
  const publicKey = await crypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'X25519', x: base64url(publicHex), ext: true }, 'X25519', true, [])
  return { privateKey, publicKey }
}

describe.each(vectors.map((one, i) => [i, one] as const))('sheet envelope vector %i', (_, vector) => {
  const sheet = vector.sheet as Sheet

  it('gives the canonical bytes, the commitment and the envelope of the vector', async () => {
    expect(canonText(sheet)).toBe(vector.canonical)
    const chance = { salt: fromHex(vector.salt), key: fromHex(vector.key), iv: fromHex(vector.iv), ephemeral: await pair(vector.ephemeral_private, vector.envelope.eph) }
    expect(await seal(sheet, vector.room_public, chance)).toEqual({ commitment: vector.commitment, envelope: vector.envelope })
  })

  it('does not seal what the room would send back as too long', async () => {
    const marks = [{ ...sheet.marks[0]!, reason: '字'.repeat(350_000) }]
    await expect(seal({ ...sheet, marks }, vector.room_public)).rejects.toMatchObject({ code: 'client.too_large' })
  })

  it('never seals twice alike, and the room alone can open', async () => {
    const [one, two] = [await seal(sheet, vector.room_public), await seal(sheet, vector.room_public)]
    expect(one.commitment).not.toBe(two.commitment)
    expect(one.envelope.eph).not.toBe(two.envelope.eph)
    expect(await opened(one, vector.room_private, vector.room_public)).toBe(vector.canonical)
  })

  it('knows an opened sheet that was changed', async () => {
    const told = { commitment: vector.commitment, salt: vector.salt, sheet }
    expect(await matchesCommitment(told)).toBe(true)
    const changed = structuredClone(sheet)
    changed.marks[0]!.score = '8'
    expect(await matchesCommitment({ ...told, sheet: changed })).toBe(false)
  })
})

async function opened(sealed: Awaited<ReturnType<typeof seal>>, privateHex: string, publicHex: string): Promise<string> {
  const { envelope, commitment } = sealed
  const { privateKey } = await pair(privateHex, publicHex)
  const eph = await crypto.subtle.importKey('raw', fromHex(envelope.eph), 'X25519', false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'X25519', public: eph }, privateKey, 256)
  const ikm = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode('expert-draw/sheet-key/1')
  const wrap = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: fromHex(envelope.eph + publicHex), info }, ikm, 256)
  const open = async (key: ArrayBuffer, iv: Uint8Array<ArrayBuffer>, ct: string): Promise<ArrayBuffer> => {
    const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: fromHex(commitment) }, aes, fromHex(ct))
  }
  const key = await open(wrap, new Uint8Array(12), envelope.wrapped)
  return new TextDecoder().decode(new Uint8Array(await open(key, fromHex(envelope.iv), envelope.ct)).slice(32))
}
