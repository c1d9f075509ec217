/** The SHA-256 of a document on this computer; the file itself is sent nowhere. */
import { sha256, toHex } from '@/draw/bytes'

export const hashOf = async (file: Blob): Promise<string> => toHex(await sha256(new Uint8Array(await file.arrayBuffer())))
