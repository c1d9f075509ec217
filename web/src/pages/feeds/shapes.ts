/** What the API says of other regions, and how a peer stands in one sentence. */
import type { Composer } from 'vue-i18n'
import type { components } from '@/contract/openapi'
import { fingerprint } from '@/draw/base32'
import { fromHex, lengthPrefixed, sha256, utf8 } from '@/draw/bytes'
import { currentLang } from '@/i18n'
import { exact } from '@/time'

type Schemas = components['schemas']
export type Feeds = Schemas['FeedsOut']
export type Peer = Schemas['PeerOut']
export type PeerDetail = Schemas['PeerDetailOut']
export type Matches = Schemas['SharedPeopleOut']
export type Person = Schemas['BesideOut']
export type CreditCheck = Schemas['CreditCheckOut']
export type CreditRecord = Schemas['CreditRecordOut']
export type Line = Schemas['LineOut']
export type Clash = Schemas['ConflictOut']

/** Not an alarm: it is asked again by itself. */
const SILENT = 'feed.peer_silent'
export type Health = 'ok' | 'new' | 'silent' | 'late' | 'refused' | 'over'

export function healthOf(peer: Peer): Health {
  if (peer.withdrawn_at) return 'over'
  if (peer.trouble && peer.trouble !== SILENT) return 'refused'
  if (peer.late) return 'late'
  if (peer.trouble) return 'silent'
  return peer.news_at ? 'ok' : 'new'
}

export const TAGS: Record<Health, string> = { ok: 'ok', new: 'info', silent: 'warn', late: 'warn', refused: 'alarm', over: '' }

/** Where a peer stands, in one sentence. */
export function stands(peer: Peer, t: Composer['t'], n: Composer['n']): string {
  const time = (at: string | null): string => (at ? exact(at, currentLang()) : '')
  const health = healthOf(peer)
  if (health === 'over') return t('feeds.stands.over', { at: time(peer.withdrawn_at), reason: peer.withdrawn_reason })
  if (health === 'refused') return t('feeds.stands.refused', { what: alarmOf(peer.trouble, t), at: time(peer.trouble_at) })
  if (health === 'late') return t('feeds.stands.late', { at: time(peer.news_at ?? peer.registered_at) })
  if (health === 'silent') return peer.answered_at ? t('feeds.stands.silent', { at: time(peer.answered_at) }) : t('feeds.stands.never')
  if (health === 'new') return t('feeds.stands.new')
  return t('feeds.stands.ok', { size: n(peer.size), taken: n(peer.taken), at: time(peer.news_at) })
}

const ALARMS = ['other_key', 'rolled_back', 'forked', 'gap', 'broken_entry', 'note_unreadable']

/** What was refused, in a sentence; the numbers stand in the notes kept beside it. */
export function alarmOf(code: string, t: Composer['t']): string {
  const name = code.split('.')[1] ?? ''
  return t(`feeds.alarm.${ALARMS.includes(name) ? name : 'other'}`)
}

/** What two administrators read to each other before a key is pinned; null where the line is none. */
export async function printOf(line: string): Promise<string | null> {
  const [origin, , packed] = line.trim().split('+')
  if (!origin || !packed || !/^01[0-9a-f]{64}$/.test(packed) || !globalThis.crypto.subtle) return null
  return fingerprint(await sha256(utf8('log/pin\0'), lengthPrefixed(utf8(origin)), lengthPrefixed(fromHex(packed.slice(2)))))
}
