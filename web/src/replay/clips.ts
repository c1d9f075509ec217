/** Clips of an open recording as addresses that a <video> plays; the last few are kept, older ones are given back. */
import { fetchBytes } from '@/api/act'
import type { Segment, Track } from './timeline'

/** What plays now, what comes next and what was just seen, of eleven seats and the clerk: taking away what plays would stop it. */
export const KEPT = 36

export class Clips {
  private readonly known = new Map<string, Promise<string>>()

  constructor(private readonly base: string) {}

  /** The address of a segment's clip, with the sound beside it; throws Refusal. */
  address(segment: Segment, sound: Track | null): Promise<string> {
    const path = `${this.base}/clips/${segment.who}/${segment.track}/${segment.number}${sound ? `?sound=${sound}` : ''}`
    const found = this.known.get(path) ?? this.fetched(path)
    this.known.delete(path)
    this.known.set(path, found) // the newest is the last to go
    for (const old of [...this.known.keys()].slice(0, -KEPT)) this.forget(old)
    return found
  }

  /** Gives every address back. */
  close(): void {
    for (const path of [...this.known.keys()]) this.forget(path)
  }

  private fetched(path: string): Promise<string> {
    const made = fetchBytes(path).then(({ bytes, type }) => URL.createObjectURL(new Blob([bytes], { type })))
    made.catch(() => this.known.delete(path)) // asked again when it is wanted again
    return made
  }

  private forget(path: string): void {
    const found = this.known.get(path)
    this.known.delete(path)
    void found?.then((address) => URL.revokeObjectURL(address)).catch(() => undefined)
  }
}
