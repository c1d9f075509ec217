/** One file to the import, with progress; the same bytes can be sent again, so what was checked is what is taken. */
import { ref, shallowRef } from 'vue'
import { refusalIn } from '@/api/act'
import { Refusal, tabToken } from '@/api/client'
import type { ImportProblem } from '@/api/shapes'

export const MOST_BYTES = 32 * 2 ** 20
type Phase = 'idle' | 'sending' | 'checking' | 'done'
interface Answer {
  imported: number
  skipped: number
  problems: ImportProblem[]
  error?: { code: string; rule?: string | null; facts?: Record<string, unknown>; request_id?: string | null }
}

export function useImport() {
  const phase = ref<Phase>('idle')
  const sent = ref(0)
  const of = ref(0)
  const file = shallowRef<{ name: string; bytes: Blob } | null>(null)
  const outcome = shallowRef<{ imported: number; skipped: number } | null>(null)
  const problems = shallowRef<ImportProblem[]>([])
  const refusal = shallowRef<Refusal | null>(null)
  let request: XMLHttpRequest | null = null

  async function take(chosen: File): Promise<void> {
    clear()
    if (chosen.size > MOST_BYTES) {
      refusal.value = new Refusal(413, 'pool.file_too_large')
      return
    }
    // A file on disk may change between the check and the import; its bytes here don't.
    file.value = { name: chosen.name, bytes: new Blob([await chosen.arrayBuffer()]) }
    await send(false)
  }

  function clear(): void {
    request?.abort()
    phase.value = 'idle'
    file.value = outcome.value = refusal.value = null
    problems.value = []
  }

  async function send(skipBad: boolean): Promise<void> {
    if (!file.value) return
    const form = new FormData()
    form.append('file', file.value.bytes, file.value.name)
    form.append('skip_bad', String(skipBad))
    refusal.value = null
    sent.value = 0
    of.value = file.value.bytes.size
    phase.value = 'sending'
    const answer = await post(form)
    if (answer === null) return
    phase.value = 'done'
    refusal.value = answer instanceof Refusal ? answer : refusalIn(request!.status, answer)
    if (answer instanceof Refusal) return
    problems.value = answer.problems ?? []
    if (!answer.error) outcome.value = { imported: answer.imported, skipped: answer.skipped }
  }

  /** null when another file or `clear` cut it off. fetch says nothing of progress, hence XMLHttpRequest. */
  function post(form: FormData): Promise<Answer | Refusal | null> {
    return new Promise((resolve) => {
      const mine = (request = new XMLHttpRequest())
      mine.open('POST', '/api/pool/import')
      mine.responseType = 'json'
      const token = tabToken.get()
      if (token) mine.setRequestHeader('Authorization', `Bearer ${token}`)
      mine.upload.onprogress = (event) => {
        sent.value = Math.min(event.loaded, of.value)
      }
      mine.upload.onload = () => {
        sent.value = of.value
        phase.value = 'checking'
      }
      mine.onload = () => resolve((mine.response as Answer | null) ?? new Refusal(mine.status, 'client.unreadable_answer', null, { status: mine.status }))
      mine.onerror = () => resolve(new Refusal(0, 'client.offline'))
      mine.onabort = () => resolve(null)
      mine.send(form)
    })
  }

  return { phase, sent, of, file, outcome, problems, refusal, take, send, clear }
}
