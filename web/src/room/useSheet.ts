/** The member's unfinished sheet: saved to the seat a moment after each change, mirrored in this tab, never lost. */
import { computed, onScopeDispose, reactive, ref, watch, type Ref } from 'vue'
import { RoomRefusal } from './connection'
import { cellKey, countOf, emptyCell, emptyDraft, MAX_DRAFT, readDraft, type Cell, type Draft } from './sheet'
import type { Room } from './useRoom'

export type Saved = 'saved' | 'saving' | 'waiting' | 'refused'
const PAUSE_MS = 700

export function useSheet(room: Room) {
  const hash = room.view.value.criteria_sha256 ?? ''
  const mirror = `expert-draw.sheet.${room.evaluationId}.${room.viewer.value?.seat ?? ''}`
  const draft = reactive<Draft>(emptyDraft(hash))
  const revision = ref(0)
  const saved: Ref<Saved> = ref('saved')
  const savedAt = ref<string | null>(null)
  const trouble = ref<RoomRefusal | null>(null)
  let dirty = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(text: string | null, at: number): void {
    draft.cells = readDraft(text, hash).cells
    revision.value = at
  }
  function fromMirror(): { revision: number; draft: string } | null {
    const text = sessionStorage.getItem(mirror)
    return text === null ? null : (JSON.parse(text) as { revision: number; draft: string })
  }

  /** The newer of the server's draft and this tab's mirror; the mirror wins only when it was never sent. */
  watch(
    () => room.savedDraft.value,
    (server) => {
      if (!server) return
      const mine = fromMirror()
      if (dirty && server.revision <= revision.value) return schedule()
      if (mine && mine.revision > server.revision) {
        take(mine.draft, mine.revision)
        return touch()
      }
      dirty = false
      take(server.draft, server.revision)
      savedAt.value = server.saved_at
      saved.value = 'saved'
    },
    { immediate: true },
  )

  function touch(): void {
    dirty = true
    revision.value += 1
    sessionStorage.setItem(mirror, JSON.stringify({ revision: revision.value, draft: JSON.stringify(draft) }))
    schedule()
  }
  function schedule(): void {
    saved.value = room.standing.value === 'open' ? 'saving' : 'waiting'
    clearTimeout(timer)
    timer = setTimeout(() => void save(), PAUSE_MS)
  }
  async function save(): Promise<void> {
    if (room.standing.value !== 'open') return void (saved.value = 'waiting')
    const mine = revision.value
    const text = JSON.stringify(draft)
    if (text.length > MAX_DRAFT) {
      saved.value = 'refused'
      trouble.value = new RoomRefusal('client.too_large')
      return
    }
    try {
      await room.send({ type: 'room.save_draft', revision: mine, done: count.value.done, draft: text })
      if (mine !== revision.value) return
      dirty = false
      saved.value = 'saved'
      savedAt.value = new Date(Date.now() + room.skew.value).toISOString()
      trouble.value = null
    } catch (cause) {
      if (!(cause instanceof RoomRefusal)) throw cause
      saved.value = cause.code === 'client.offline' ? 'waiting' : 'refused'
      if (cause.code !== 'client.offline') trouble.value = cause
    }
  }
  watch(room.standing, (now) => {
    if (dirty && now === 'open') schedule()
    else if (dirty) saved.value = 'waiting'
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    if (dirty && room.standing.value === 'open') void save()
  })

  const count = computed(() => countOf(draft, room.view.value.criteria ?? { price_weight: '0', criteria: [] }, room.view.value.bidders))
  const cell = (bidder: string, criterion: string): Cell => draft.cells[cellKey(bidder, criterion)] ?? emptyCell()
  function change(bidder: string, criterion: string, what: Partial<Cell>): void {
    draft.cells[cellKey(bidder, criterion)] = { ...cell(bidder, criterion), ...what }
    touch()
  }
  /** After `done` of the submission: the sheet is the room's now. */
  function forget(): void {
    clearTimeout(timer)
    dirty = false
    sessionStorage.removeItem(mirror)
  }
  return { draft, count, cell, change, saved, savedAt, trouble, forget }
}
