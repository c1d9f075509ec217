/** Fingerprint of a checkpoint as it stands on paper: the first ten base32 characters (RFC 4648) of the root. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function fingerprint(root: Uint8Array, characters = 10): string {
  let bits = ''
  for (const byte of root) bits += byte.toString(2).padStart(8, '0')
  return Array.from({ length: characters }, (_, i) => LETTERS[parseInt(bits.slice(5 * i, 5 * i + 5), 2)]).join('')
}
