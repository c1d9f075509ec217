/** Bytes and the WebCrypto calls the protocol needs. Nothing here knows BDP/1. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes
/** Throws TypeError on bytes that are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export function concat(...pieces: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** Lower-case hex only; throws RangeError otherwise. */
export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new RangeError('not lower-case hex')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** Strict standard base64 with padding; throws RangeError otherwise (also on a second spelling of the same bytes). */
export function fromBase64(text: string): Bytes {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new RangeError('not base64')
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  if (toBase64(bytes) !== text) throw new RangeError('not canonical base64')
  return bytes
}

/** Unsigned big-endian integer of `size` bytes. */
export function unsigned(value: number | bigint, size: 1 | 2 | 4 | 8): Bytes {
  const bytes = new Uint8Array(size)
  let rest = BigInt(value)
  for (let i = size - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 255n)
    rest >>= 8n
  }
  if (rest !== 0n) throw new RangeError(`does not fit into ${size} bytes`)
  return bytes
}

export function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

/** LP(x) = u32(len x) ‖ x. */
export const lengthPrefixed = (bytes: Uint8Array): Bytes => concat(unsigned(bytes.length, 4), bytes)

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** Byte order, as on the wire; for strings use it on their UTF-8 or hex. */
export const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export async function sha256(...pieces: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...pieces)))
}

export async function hkdf(ikm: Bytes, salt: Bytes, info: Bytes, size = 32): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, size * 8))
}

/** `count` blocks of AES-256 in counter mode, starting with block `from` (128-bit big-endian counter). */
export async function keystream(key: Bytes, from: bigint, count: number): Promise<Bytes> {
  const counter = new Uint8Array(16)
  let rest = from
  for (let i = 15; i >= 0; i -= 1) {
    counter[i] = Number(rest & 255n)
    rest >>= 8n
  }
  const aes = await crypto.subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt'])
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, aes, new Uint8Array(count * 16)))
}

/** False for a wrong signature and for a public key that is no key. */
export async function ed25519(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, signature, message)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'DataError') return false
    throw cause
  }
}

/** Can this browser do Ed25519? False as well on a page that is not a secure context. */
export async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    return true
  } catch {
    return false
  }
}
