/** An upload with its progress, then how far the import is; a refusal keeps its problems, bad rows may be left out. */
import { getCurrentScope, onScopeDispose, ref, shallowRef } from 'vue'
import { refusalIn } from '@/api/act'
import { api, Refusal, tabToken } from '@/api/client'
import type { ImportProblem, PoolImport } from '@/api/shapes'
import type { Facts } from '@/words'

export const MOST_BYTES = 256 * 2 ** 20
const ASK_AGAIN_MS = 1000
type Phase = 'idle' | 'sending' | 'running' | 'done'
export type Progress = Omit<PoolImport, 'file' | 'state'> & { file?: string; state: string }
/** Where the file goes, how far it is, and what is said beside it. */
export interface Door { to: string; told: (id: string) => string; beside?: () => Record<string, string> }
const POOL: Door = { to: '/api/pool/import', told: (id) => `/api/pool/imports/${id}` }
type Answer = Progress & { error?: { code: string; facts?: Facts } | null }

export function useImport(door: Door = POOL) {
  const phase = ref<Phase>('idle')
  const sent = ref(0)
  const of = ref(0)
  const file = shallowRef<{ name: string; bytes: Blob | null } | null>(null)
  const progress = shallowRef<Progress | null>(null)
  const outcome = shallowRef<{ imported: number; skipped: number; listed: { sheet: string; row: number }[] } | null>(null)
  const problems = shallowRef<ImportProblem[]>([])
  const refusal = shallowRef<Refusal | null>(null)
  let request: XMLHttpRequest | null = null
  let later: ReturnType<typeof setTimeout> | undefined
  let round = 0
  if (getCurrentScope()) onScopeDispose(clear)

  async function take(chosen: File): Promise<void> {
    clear()
    if (chosen.size > MOST_BYTES) {
      refusal.value = new Refusal(413, 'pool.file_too_large')
      return
    }
    await keep(chosen)
    await send(false)
  }

  /** A file on disk may change between the check and the import; its bytes here don't. */
  async function keep(chosen: File): Promise<void> {
    file.value = { name: chosen.name, bytes: new Blob([await chosen.arrayBuffer()]) }
  }

  function clear(): void {
    request?.abort()
    clearTimeout(later)
    round += 1
    phase.value = 'idle'
    file.value = progress.value = outcome.value = refusal.value = null
    problems.value = []
  }

  async function send(skipBad: boolean): Promise<void> {
    if (!file.value?.bytes) return
    const form = new FormData()
    form.append('file', file.value.bytes, file.value.name)
    form.append('skip_bad', String(skipBad))
    for (const [name, value] of Object.entries(door.beside?.() ?? {})) form.append(name, value)
    refusal.value = outcome.value = null
    problems.value = []
    sent.value = 0
    of.value = file.value.bytes.size
    phase.value = 'sending'
    const answer = await post(form)
    if (answer === null) return
    const refused = answer instanceof Refusal ? answer : refusalIn(request!.status, answer as Parameters<typeof refusalIn>[1])
    if (refused) {
      phase.value = 'done'
      refusal.value = refused
    } else follow(answer as Progress)
  }

  /** Asks how far an import is until it has ended; also one that another page, or this one before a reload, began. */
  function follow(one: Progress): void {
    const mine = ++round
    file.value ??= { name: one.file ?? '', bytes: null }
    phase.value = 'running'
    progress.value = one
    const ask = async (): Promise<void> => {
      let told: Progress
      try {
        told = await api.get<Progress>(door.told(one.id))
      } catch (cause) {
        if (mine !== round) return
        if (!(cause instanceof Refusal)) throw cause
        // no answer now says nothing about the import: it goes on without us
        if (cause.code === 'client.offline') later = setTimeout(() => void ask(), ASK_AGAIN_MS)
        else end(null, cause)
        return
      }
      if (mine !== round) return
      progress.value = told
      if (told.state === 'running') later = setTimeout(() => void ask(), ASK_AGAIN_MS)
      else end(told, told.error ? new Refusal(422, told.error.code, null, told.error.facts) : null)
    }
    later = setTimeout(() => void ask(), ASK_AGAIN_MS / 4)
  }

  function end(told: Progress | null, refused: Refusal | null): void {
    phase.value = 'done'
    refusal.value = refused
    problems.value = told?.problems ?? []
    if (told && !refused) outcome.value = { imported: told.imported, skipped: told.skipped, listed: told.listed ?? [] }
  }

  /** null when another file or `clear` cut it off. fetch says nothing of progress, hence XMLHttpRequest. */
  function post(form: FormData): Promise<Answer | Refusal | null> {
    return new Promise((resolve) => {
      const mine = (request = new XMLHttpRequest())
      mine.open('POST', door.to)
      mine.responseType = 'json'
      const token = tabToken.get()
      if (token) mine.setRequestHeader('Authorization', `Bearer ${token}`)
      mine.upload.onprogress = (event) => {
        sent.value = Math.min(event.loaded, of.value)
      }
      mine.upload.onload = () => {
        sent.value = of.value
      }
      mine.onload = () => resolve((mine.response as Answer | null) ?? new Refusal(mine.status, 'client.unreadable_answer', null, { status: mine.status }))
      mine.onerror = () => resolve(new Refusal(0, 'client.offline'))
      mine.onabort = () => resolve(null)
      mine.send(form)
    })
  }

  return { phase, sent, of, file, progress, outcome, problems, refusal, take, send, follow, clear }
}
