/** Which tiles there are, and which pictures the server is asked for. Pure. */
import type { Person, Picture, Tile, TrackName } from './mediaFrames'
import type { Received } from './media'

/** A tile of somebody else. */
export interface Seat { who: string; picture: Picture }
export const keyOf = ({ who, picture }: Seat): string => `${who}/${picture}`

const FACES: readonly TrackName[] = ['masked', 'face', 'masked_low', 'face_low']
const CARRIES: Record<Picture, readonly TrackName[]> = { face: FACES, desk: ['desk'], screen: ['screen'] }

/** Everybody's face, then desks and screens that are being sent. `seats` in the room's order, without oneself. */
export function tilesOf(seats: readonly string[], people: readonly Person[], me: string | null): Seat[] {
  const others = people.filter((one) => one.who !== me)
  const who = [...seats, ...others.map((one) => one.who).filter((one) => !seats.includes(one) && one !== 'supervisor')]
  const more = (['screen', 'desk'] as const).flatMap((picture) => others.filter((one) => one.tracks.includes(picture)).map((one) => ({ who: one.who, picture })))
  return [...who.map((one) => ({ who: one, picture: 'face' as const })), ...more]
}

/** The picture of a tile among what arrives. */
export const arriving = ({ who, picture }: Seat, received: readonly Received[]): Received | null =>
  received.find((one) => one.who === who && CARRIES[picture].includes(one.track)) ?? null

/** Why a tile has no picture: the suffix of a sentence, or null when it has one. */
export function whyNone(seat: Seat, person: Person | undefined, got: Received | null, still: ReadonlySet<string>): 'away' | 'dark' | 'none' | 'coming' | 'still' | null {
  if (!person) return 'away'
  if (person.dark) return 'dark'
  if (!CARRIES[seat.picture].some((track) => person.tracks.includes(track))) return person.tracks.length ? 'none' : 'away'
  if (!got) return 'coming'
  return still.has(got.mid) ? 'still' : null
}

export const isMuted = (person: Person | undefined): boolean => person?.muted.some((track) => track === 'mic' || track === 'voice') ?? false

/** More people than this are seen small in the low layer. */
export const MANY = 4
export const MOST_TILES = 32
/** What the server is asked for: tiles on the screen, the enlarged one sharp. */
export function viewOf(visible: readonly Seat[], big: Seat | null, people: number): Tile[] {
  const wanted = new Map<string, Tile>()
  for (const one of visible) wanted.set(keyOf(one), { ...one, layer: people > MANY && one.picture === 'face' ? 'low' : 'high' })
  if (big) wanted.set(keyOf(big), { ...big, layer: 'high' })
  return [...wanted.values()].slice(0, MOST_TILES)
}
