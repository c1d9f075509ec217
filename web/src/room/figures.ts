/** Who speaks, which picture stands still, how good the own way up is: out of the browser's figures. Pure. */

export interface Figures {
  /** Loudness 0 to 1 by m-line of the down connection. */
  levels: Map<string, number>
  /** Pictures decoded so far by m-line. */
  frames: Map<string, number>
  /** Own microphone, 0 to 1; null when unknown. */
  own: number | null
  /** Share of own packets that got lost, and the round trip in seconds. */
  loss: number | null
  trip: number | null
}
type Entry = Record<string, unknown> & { type: string; kind?: string; mid?: string }

/** Reads both reports; either may be empty. */
export function figuresOf(down: Iterable<Entry>, up: Iterable<Entry>): Figures {
  const found: Figures = { levels: new Map(), frames: new Map(), own: null, loss: null, trip: null }
  for (const one of down) {
    if (one.type !== 'inbound-rtp' || !one.mid) continue
    if (one.kind === 'audio' && typeof one.audioLevel === 'number') found.levels.set(one.mid, one.audioLevel)
    if (one.kind === 'video') found.frames.set(one.mid, Number(one.framesDecoded ?? 0))
  }
  for (const one of up) {
    if (one.type === 'media-source' && one.kind === 'audio' && typeof one.audioLevel === 'number') found.own = Math.max(found.own ?? 0, one.audioLevel)
    if (one.type !== 'remote-inbound-rtp') continue
    if (typeof one.fractionLost === 'number') found.loss = Math.max(found.loss ?? 0, one.fractionLost)
    if (typeof one.roundTripTime === 'number') found.trip = Math.max(found.trip ?? 0, one.roundTripTime)
  }
  return found
}

/** Four bars as the server draws them for others: 4 good … 1 hard to follow; null while nothing is known. */
export function qualityOf({ loss, trip }: Pick<Figures, 'loss' | 'trip'>): number | null {
  if (loss === null && trip === null) return null
  const [lost, slow] = [loss ?? 0, trip ?? 0]
  if (lost > 0.15 || slow > 1) return 1
  if (lost > 0.05 || slow > 0.5) return 2
  return lost > 0.02 || slow > 0.25 ? 3 : 4
}

/** Louder than a room's hum. */
export const SPEAKS = 0.015
/** The ring stays this long after the last loud moment, so that it does not flicker between words. */
export const RING_MS = 1200
/** A picture that decoded nothing for this long stands still. */
export const STILL_MS = 4000

/** Remembers when each was last loud, and when each picture last moved. */
export class Watcher {
  private loud = new Map<string, number>()
  private moved = new Map<string, { frames: number; at: number }>()

  /** Keys that speak at `at` (milliseconds). */
  speaking(levels: ReadonlyMap<string, number>, at: number): Set<string> {
    for (const [who, level] of levels) if (level >= SPEAKS) this.loud.set(who, at)
    return new Set([...this.loud].filter(([who, last]) => levels.has(who) && at - last < RING_MS).map(([who]) => who))
  }
  /** M-lines whose picture has not moved for STILL_MS. A new one is given that time to begin. */
  still(frames: ReadonlyMap<string, number>, at: number): Set<string> {
    for (const mid of [...this.moved.keys()]) if (!frames.has(mid)) this.moved.delete(mid)
    for (const [mid, count] of frames) {
      const before = this.moved.get(mid)
      if (!before || before.frames !== count) this.moved.set(mid, { frames: count, at })
    }
    return new Set([...this.moved].filter(([, { at: last }]) => at - last >= STILL_MS).map(([mid]) => mid))
  }
}
