/**
 * The holder's file: Ed25519 key and a 32-byte secret, sealed with a passphrase (PBKDF2-SHA-256, AES-256-GCM).
 * Whoever loses it or the passphrase can release no share again; whoever has both is the holder.
 */
import { concat, fromHex, toHex, utf8, type Bytes } from '@/draw/bytes'
import { canon } from '@/draw/canon'

const VERSION = 'BDP1-service/holder-file/1'
const ITERATIONS = 600_000
export const MIN_PASSPHRASE = 12

export interface HolderFile {
  v: string
  /** Public key, hex: readable without the passphrase, so that the right file is found. */
  key: string
  kdf: { name: 'PBKDF2-SHA-256'; iterations: number; salt: string }
  cipher: { name: 'AES-256-GCM'; nonce: string }
  sealed: string
}
export interface OwnKey {
  /** Public key, hex. */
  key: string
  secret: Bytes
  sign: (message: Bytes) => Promise<Bytes>
}

/** The file cannot be opened: `reason` is the suffix of its locale key. */
export class FileRefused extends Error {
  constructor(readonly reason: 'not_a_file' | 'wrong_passphrase' | 'weak_passphrase') {
    super(reason)
  }
}

/** A new key and secret, sealed. Only a weak passphrase is refused. */
export async function createFile(passphrase: string, iterations = ITERATIONS): Promise<HolderFile> {
  if (passphrase.length < MIN_PASSPHRASE) throw new FileRefused('weak_passphrase')
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const key = toHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const head = {
    v: VERSION,
    key,
    kdf: { name: 'PBKDF2-SHA-256', iterations, salt: toHex(crypto.getRandomValues(new Uint8Array(16))) },
    cipher: { name: 'AES-256-GCM', nonce: toHex(crypto.getRandomValues(new Uint8Array(12))) },
  } as const
  const aes = await keyFrom(passphrase, head.kdf.salt, iterations)
  const sealed = await crypto.subtle.encrypt(gcm(head), aes, canon({ pkcs8: toHex(pkcs8), secret: toHex(secret) }))
  return { ...head, sealed: toHex(new Uint8Array(sealed)) }
}

/** Reads the text of a file; FileRefused('not_a_file') for anything else. */
export function readFile(text: string): HolderFile {
  try {
    const file = JSON.parse(text) as HolderFile
    const iterations = file.kdf.iterations
    if (file.v !== VERSION || file.kdf.name !== 'PBKDF2-SHA-256' || file.cipher.name !== 'AES-256-GCM') throw new FileRefused('not_a_file')
    if (!Number.isSafeInteger(iterations) || iterations < 1 || iterations > 10_000_000) throw new FileRefused('not_a_file')
    for (const part of [file.key, file.kdf.salt, file.cipher.nonce, file.sealed]) fromHex(part)
    return file
  } catch {
    throw new FileRefused('not_a_file')
  }
}

export async function openFile(file: HolderFile, passphrase: string): Promise<OwnKey> {
  const aes = await keyFrom(passphrase, file.kdf.salt, file.kdf.iterations)
  let plain: { pkcs8: string; secret: string }
  try {
    const bytes = await crypto.subtle.decrypt(gcm(file), aes, fromHex(file.sealed))
    plain = JSON.parse(new TextDecoder().decode(bytes)) as typeof plain
  } catch {
    throw new FileRefused('wrong_passphrase')
  }
  const signing = await crypto.subtle.importKey('pkcs8', fromHex(plain.pkcs8), 'Ed25519', false, ['sign'])
  return {
    key: file.key,
    secret: fromHex(plain.secret),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', signing, message)),
  }
}

/** The head is bound to the content: a changed public key or iteration count does not open. */
function gcm(file: Pick<HolderFile, 'v' | 'key' | 'kdf' | 'cipher'>): AesGcmParams {
  const { v, key, kdf, cipher } = file
  return { name: 'AES-GCM', iv: fromHex(cipher.nonce), additionalData: canon({ v, key, kdf: { ...kdf }, cipher: { ...cipher } }) }
}

async function keyFrom(passphrase: string, salt: string, iterations: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: fromHex(salt), iterations }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** What is signed to sign in by key. */
export const signInMessage = (challenge: string): Bytes => concat(utf8('BDP1-service/sign-in\0'), fromHex(challenge))
