/** Small words of the room: aliases of seats, and a refusal as the card takes it. */
import type { RoomView } from '@/room/types'
import { currentLang } from '@/i18n'

/** The alias as the server gave it; in English its Chinese stem is translated. */
export function aliasOf(view: RoomView, seat: string | null): string {
  const alias = view.seats.find((one) => one.seat === seat)?.alias ?? seat ?? ''
  if (currentLang() !== 'en') return alias
  return alias.replace(/^评标?专家|^专家/, 'Expert ').replace(/^业主代表|^采购人代表|^招标人代表|^代表/, 'Representative ').replace(/\s+/g, ' ').trim()
}

export const bidderName = (view: RoomView, id: string): string => view.bidders.find((one) => one.id === id)?.name ?? id
export const criterionOf = (view: RoomView, id: string) => view.criteria?.criteria.find((one) => one.id === id) ?? null
/** Column head of a bidder: its place in the list, two digits. */
export const bidderNo = (view: RoomView, id: string): string => String(view.bidders.findIndex((one) => one.id === id) + 1).padStart(2, '0')
