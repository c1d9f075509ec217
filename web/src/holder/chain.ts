/** A holder's hash chain for one draw, made from its one secret, so that nothing but the secret must be kept. */
import { concat, hkdf, toHex, utf8, type Bytes } from '@/draw/bytes'
import { canon } from '@/draw/canon'
import { chainStep, tipMessage } from '@/draw/checks-draw'
import type { OwnKey } from './file'

/** The manifest's member `draw`. */
export interface Draw {
  project: string
  section: string
  seq: number
  prev: string
}

/** y_0 … y_length. */
export async function chainOf(secret: Bytes, draw: Draw, drawId: string, length: number): Promise<Bytes[]> {
  const info = concat(utf8('BDP1-service/chain\0'), canon({ draw: { ...draw }, draw_id: drawId }))
  const values = [await hkdf(secret, new Uint8Array(32), info, 32)]
  for (let j = length; j > 0; j -= 1) values.unshift(await chainStep(values[0]!))
  return values
}

export const tipOf = async (values: readonly Bytes[]): Promise<string> => toHex(await chainStep(values[0]!))

/** Ed25519 over the tip, for the manifest that will carry it. */
export async function signedTip(own: OwnKey, party: string, draw: Draw, tip: string): Promise<string> {
  return toHex(await own.sign(tipMessage({ ...draw }, party, tip)))
}
