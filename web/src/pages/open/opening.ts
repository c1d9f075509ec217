/** What is opened of an aborted draw: its manifest and the salt of its handle, hashed again in the visitor's browser. */
import { concat, fromHex, sha256, toHex, utf8 } from '@/draw/bytes'
import { canon, readCanonical } from '@/draw/canon'

export interface OpenedDraw {
  project: string
  section: string
  seq: number
  /** The same for every draw of the section; found again in the log. */
  handle: string
  /** Does the manifest hash to the M that stood in the log? */
  fits: boolean
}

/** Reads the bytes of `/api/public/draws/{id}/opening` and hashes them; `M` in hex. */
export async function readOpening(bytes: Uint8Array, M: string): Promise<OpenedDraw> {
  const { manifest, handle_salt } = readCanonical(concat(bytes)) as { manifest: { draw: { project: string; section: string; seq: number } }; handle_salt: string }
  const { project, section, seq } = manifest.draw
  const handle = toHex(await sha256(utf8('BDP1/handle\0'), fromHex(handle_salt), canon({ project, section })))
  return { project, section, seq, handle, fits: toHex(await sha256(utf8('BDP1/manifest\0'), canon(manifest))) === M }
}
