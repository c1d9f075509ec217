/** Small words of the room: aliases of seats, and a refusal as the card takes it. */
import type { RoomView } from '@/room/types'
import { currentLang, i18n } from '@/i18n'

/** The alias as the server gave it; in English its Chinese stem is translated. */
export function aliasOf(view: RoomView, seat: string | null): string {
  return spokenAlias(view.seats.find((one) => one.seat === seat)?.alias ?? seat ?? '')
}

/** A person of sound and picture: a seat under its alias, or the clerk. */
export const whoWord = (view: RoomView, who: string): string => (who === 'clerk' ? i18n.global.t('media.clerk') : aliasOf(view, who))

export function spokenAlias(alias: string): string {
  if (currentLang() !== 'en') return alias
  return alias.replace(/^评标?专家|^专家/, 'Expert ').replace(/^业主代表|^采购人代表|^招标人代表|^代表/, 'Representative ').replace(/\s+/g, ' ').trim()
}

const SEATS = ['seat', 'seats', 'replaces', 'choice', 'elected']
const FLAGS = ['id', 'open_flags']

/** Facts of a room's entry with each seat under its alias: `e1` is for machines. Id of a flag: kind/bidder/criterion, and the seat where it asks one. */
export function withAliases(facts: Record<string, unknown>, seats: readonly { seat: string; alias: string }[]): Record<string, unknown> {
  const known = new Map(seats.map(({ seat, alias }) => [seat, spokenAlias(alias)]))
  const told = (name: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => told(name, one))
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, told(key, one)]))
    if (typeof value !== 'string') return value
    if (SEATS.includes(name)) return known.get(value) ?? value
    return FLAGS.includes(name) ? value.replace(/^((?:[^/]+\/){3})([^/]+)$/, (_, cell: string, seat: string) => cell + (known.get(seat) ?? seat)) : value
  }
  return told('', facts) as Record<string, unknown>
}

export const bidderName = (view: RoomView, id: string): string => view.bidders.find((one) => one.id === id)?.name ?? id
export const criterionOf = (view: RoomView, id: string) => view.criteria?.criteria.find((one) => one.id === id) ?? null
/** Column head of a bidder: its place in the list, two digits. */
export const bidderNo = (view: RoomView, id: string): string => String(view.bidders.findIndex((one) => one.id === id) + 1).padStart(2, '0')
