/** A room as the pages know it, played in this browser: the real fold and sealing, a toy project, nobody else. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { fetchBytes } from '@/api/act'
import { sha256, toHex, utf8 } from '@/draw/bytes'
import { canon } from '@/draw/canon'
import { mySeat, stepOf } from '@/room/commands'
import { apply, emptyView } from '@/room/fold'
import { commitmentOf } from '@/room/sealing'
import type { Command, Envelope, OpenedSheet, RoomEvent } from '@/room/types'
import type { Room, SavedDraft } from '@/room/useRoom'
import { freshKey, open, type ToyKey } from './opening'
import { decide, follow, opening, type Hashes, type Report } from './play'
import { criteriaHash, EVALUATION, marksOf, ME, OTHERS, SEATS, UNDERTAKING } from './toy'

const PAPERS = import.meta.glob<string>('./papers/*.pdf', { query: '?url&no-inline', import: 'default', eager: true })
const paper = (name: string): string => PAPERS[`./papers/${name}.pdf`]!
/** How long another member takes, milliseconds: long enough to see that somebody acts. */
const PACE_MS = 400

/** Sheets of the other members, each with its own commitment. */
async function others(criteria_sha256: string): Promise<OpenedSheet[]> {
  return Promise.all(
    OTHERS.map(async (seat, index) => {
      const sheet = { v: 1 as const, evaluation_id: EVALUATION, seat, criteria_sha256, marks: marksOf(seat) }
      const salt = crypto.getRandomValues(new Uint8Array(32))
      return { seat, index, salt: toHex(salt), sheet, commitment: toHex(await commitmentOf(salt, canon(sheet))) }
    }),
  )
}

/** Without X25519 the room can be walked through up to the seal; the page says there why not further. */
const keyOrNone = (): Promise<ToyKey | null> => freshKey().catch(() => null)

export function usePractice(): Room {
  const view = shallowRef(emptyView())
  const known = ref(false)
  const savedDraft = shallowRef<SavedDraft | null>(null)
  let hashes: Hashes | null = null
  let report: Report = { sha256: '', size: 0 }
  let key: ToyKey | null = null
  let opened: OpenedSheet[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  const mirror = `expert-draw.sheet.${EVALUATION}.${ME}`
  sessionStorage.removeItem(mirror)
  onScopeDispose(() => {
    over = true
    clearTimeout(timer)
    sessionStorage.removeItem(mirror)
  })

  function tell(events: readonly RoomEvent[]): void {
    for (const event of events) view.value = apply(view.value, { seq: view.value.seq + 1, index: view.value.seq, at: new Date().toISOString(), event })
    clearTimeout(timer)
    timer = setTimeout(goOn, PACE_MS)
  }
  function goOn(): void {
    const next = over ? null : follow(view.value, opened, report)
    if (next) tell(next)
  }

  async function begin(): Promise<void> {
    const [criteria, undertaking, found, bytes] = await Promise.all([criteriaHash(), sha256(utf8(UNDERTAKING)), keyOrNone(), fetchBytes(paper('report'))])
    key = found
    hashes = { criteria, undertaking: toHex(undertaking), openingKey: found?.publicHex ?? '' }
    report = { sha256: toHex(await sha256(new Uint8Array(bytes.bytes))), size: bytes.bytes.byteLength }
    opened = await others(criteria)
    if (over) return
    tell(opening(new Date().toISOString(), hashes))
    savedDraft.value = { revision: 0, draft: null, saved_at: null }
    known.value = true
  }
  void begin()

  /** The member's own envelope is opened with the toy's key, as the real room opens it with its own. */
  async function take(sealed: { commitment: string; envelope: Envelope }): Promise<void> {
    const mine = await open(ME, OTHERS.length, sealed.commitment, sealed.envelope, key!)
    const all = [...opened.filter((one) => one.seat !== ME), mine]
    opened = SEATS.map(({ seat }) => all.find((one) => one.seat === seat)!)
  }
  async function send(command: Command): Promise<number> {
    if (command.type === 'room.submit_sheet') await take(command)
    if (hashes) tell(decide(view.value, command, hashes))
    return view.value.seq
  }

  const viewer = shallowRef({ role: 'seat' as const, seat: ME })
  const seat = computed(() => mySeat(view.value, viewer.value))
  return {
    evaluationId: EVALUATION, practice: true, media: null, documentPath: paper, reportPath: () => paper('report'),
    view, viewer, seat, known, savedDraft, send, reopen: () => undefined,
    step: computed(() => stepOf(view.value, seat.value)),
    standing: ref('open' as const), online: shallowRef(SEATS.map((one) => one.seat)), progress: shallowRef([]), fault: shallowRef(null), elsewhere: ref(false), unsent: ref(0), skew: ref(0),
    calm: computed(() => true),
  }
}
