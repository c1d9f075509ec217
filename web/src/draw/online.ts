/** What the verifier reads from the server it was served by; a verifier opened from disk has none. */
import { ask, Refusal, send } from '@/api/client'
import { concat, type Bytes } from './bytes'
import { Fails, LogSilent, type PublicLog } from './case'
import { TileReader } from './tiles'

/** Bytes of a published bundle. */
export async function publicBundle(drawId: string): Promise<Uint8Array> {
  return new Uint8Array(await (await send('GET', `/api/public/draws/${encodeURIComponent(drawId)}/bundle`)).arrayBuffer())
}

export const publicLog = (): PublicLog => new TileReader(fromLog)

async function fromLog(place: string): Promise<Bytes> {
  let answer: Response
  try {
    answer = await ask('GET', `/log/${place}`)
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    throw new LogSilent('the log does not answer')
  }
  // What it signed for it must give; a fault of its machine proves nothing.
  if (answer.status >= 500 || answer.status === 429) throw new LogSilent(`the log answers ${answer.status}`)
  if (!answer.ok) throw new Fails(`the log does not give ${place}`)
  return concat(new Uint8Array(await answer.arrayBuffer()))
}
