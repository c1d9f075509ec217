/** The only file where Vue meets the room: one connection, one view, the member's draft. */
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { api, Refusal } from '@/api/client'
import { mySeat, stepOf, type Step } from './commands'
import { RoomConnection, RoomRefusal, type Standing } from './connection'
import { apply, emptyView } from './fold'
import { isMediaFrame, type MediaEar, type MediaPort } from './mediaFrames'
import type { Command, Fault, Progress, RoomView, SeatView, ServerFrame, Viewer } from './types'

export interface SavedDraft { revision: number; draft: string | null; saved_at: string | null }
export interface Room {
  evaluationId: string
  /** A toy room that lives in this browser alone: nothing is sent, nothing is kept. */
  practice: boolean
  /** Where a document, and the report with this hash, are fetched. */
  documentPath: (document_id: string) => string
  reportPath: (sha256: string) => string
  view: ShallowRef<RoomView>
  viewer: ShallowRef<Viewer | null>
  seat: ComputedRef<SeatView | null>
  step: ComputedRef<Step>
  standing: Ref<Standing>
  /** True once a snapshot or event has come: before that nothing is known. */
  known: Ref<boolean>
  online: ShallowRef<string[]>
  progress: ShallowRef<Progress[]>
  savedDraft: ShallowRef<SavedDraft | null>
  /** Why the socket ended for good, or that the seat is open elsewhere. */
  fault: ShallowRef<Fault | null>
  elsewhere: Ref<boolean>
  /** May anything be pressed? Not while offline, paused, stopped or elsewhere. */
  calm: ComputedRef<boolean>
  unsent: Ref<number>
  /** Server time minus this machine's, milliseconds. */
  skew: Ref<number>
  send: (command: Command, id?: string) => Promise<number>
  reopen: () => void
  /** Sound and picture go through the room's socket; null in a toy room. */
  media: MediaPort | null
}
export const ROOM: InjectionKey<Room> = Symbol('room')

const socketUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/room`

export function useRoom(evaluationId: string): Room {
  const view = shallowRef(emptyView())
  const viewer = shallowRef<Viewer | null>(null)
  const standing = ref<Standing>('connecting')
  const known = ref(false)
  const online = shallowRef<string[]>([])
  const progress = shallowRef<Progress[]>([])
  const savedDraft = shallowRef<SavedDraft | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const elsewhere = ref(false)
  const unsent = ref(0)
  const skew = ref(0)

  const ears = new Set<MediaEar>()
  const media: MediaPort = {
    transmit: (it) => connection.tell(it),
    listen: (ear) => {
      ears.add(ear)
      return () => ears.delete(ear)
    },
  }

  function frame(it: ServerFrame): void {
    if (isMediaFrame(it)) return ears.forEach((ear) => ear.frame(it))
    switch (it.type) {
      case 'welcome':
        viewer.value = it.viewer
        skew.value = Date.parse(it.now) - Date.now()
        elsewhere.value = false
        fault.value = null
        return
      case 'snapshot':
        view.value = { ...it.view, seq: it.seq }
        known.value = true
        return
      case 'event':
        view.value = apply(view.value, it)
        known.value = true
        return
      case 'draft':
        savedDraft.value = { revision: it.revision, draft: it.draft, saved_at: it.saved_at }
        return
      case 'presence':
        online.value = it.online
        progress.value = it.progress
        return
      case 'pong':
        skew.value = Date.parse(it.now) - Date.now()
    }
  }

  function trouble(it: Fault, final: boolean): void {
    if (it.code.startsWith('media.')) ears.forEach((ear) => ear.trouble(it))
    else if (it.code === 'room.seat_opened_elsewhere') elsewhere.value = true
    else if (final) fault.value = it
  }

  function stands(now: Standing): void {
    const opened = now === 'open' && standing.value !== 'open'
    standing.value = now
    if (opened) for (const ear of ears) ear.opened()
  }

  const connect = (): RoomConnection =>
    new RoomConnection({
      url: socketUrl(),
      evaluationId,
      ticket: async () => (await api.post<{ ticket: string }>('/api/tickets', { purpose: 'room' })).ticket,
      handlers: { standing: stands, frame, trouble },
    })
  let connection = connect()
  void connection.open()

  const back = (): void => connection.hurry()
  window.addEventListener('online', back)
  onScopeDispose(() => {
    window.removeEventListener('online', back)
    connection.close()
  })

  async function send(command: Command, id?: string): Promise<number> {
    const going = connection.send(command, id)
    unsent.value = connection.unsent
    try {
      return await going
    } finally {
      unsent.value = connection.unsent
    }
  }
  /** This tab takes the seat again. */
  function reopen(): void {
    connection.close()
    elsewhere.value = false
    fault.value = null
    known.value = false
    connection = connect()
    void connection.open()
  }

  const seat = computed(() => mySeat(view.value, viewer.value))
  return {
    practice: false,
    documentPath: (document_id) => `/api/evaluations/${evaluationId}/documents/${document_id}`,
    reportPath: (sha256) => `/api/evaluations/${evaluationId}/report.pdf?sha256=${sha256}`,
    evaluationId, view, viewer, seat, standing, known, online, progress, savedDraft, fault, elsewhere, unsent, skew, send, reopen, media,
    step: computed(() => stepOf(view.value, seat.value)),
    calm: computed(() => standing.value === 'open' && !view.value.paused && !view.value.stopped && !elsewhere.value),
  }
}

/** One command of a button: busy while it runs, its refusal beside it. */
export function useCommand(room: Room) {
  const busy = ref(false)
  const refusal = shallowRef<RoomRefusal | Refusal | null>(null)
  async function run(command: Command | (() => Promise<Command>), id?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    refusal.value = null
    try {
      await room.send(typeof command === 'function' ? await command() : command, id)
      return true
    } catch (cause) {
      if (!(cause instanceof RoomRefusal)) throw cause
      refusal.value = cause
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, refusal, run }
}
