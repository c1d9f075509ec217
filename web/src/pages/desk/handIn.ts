/** Documents that go with a report or a statement: sent at once with their progress, named by their hash. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import { refusalIn } from '@/api/act'
import { Refusal, tabToken } from '@/api/client'

export interface HandedIn {
  title: string
  sha256: string
}
type Answer = { sha256?: string; error?: { code: string; rule?: string | null; facts?: Record<string, unknown> } }

export function useHandIn() {
  const documents = ref<HandedIn[]>([])
  const sending = ref<{ name: string; sent: number; of: number } | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  let request: XMLHttpRequest | null = null
  onScopeDispose(() => request?.abort())

  async function take(file: File): Promise<void> {
    if (sending.value) return
    refusal.value = null
    sending.value = { name: file.name, sent: 0, of: file.size }
    const answer = await post(file)
    sending.value = null
    if (answer instanceof Refusal) refusal.value = answer
    else if (!documents.value.some((one) => one.sha256 === answer)) documents.value.push({ title: file.name.slice(0, 200), sha256: answer })
  }

  function drop(sha256: string): void {
    documents.value = documents.value.filter((one) => one.sha256 !== sha256)
  }

  /** fetch says nothing of progress, hence XMLHttpRequest. */
  function post(file: File): Promise<string | Refusal> {
    return new Promise((resolve) => {
      const mine = (request = new XMLHttpRequest())
      mine.open('POST', '/api/case-documents')
      mine.responseType = 'json'
      const token = tabToken.get()
      if (token) mine.setRequestHeader('Authorization', `Bearer ${token}`)
      mine.upload.onprogress = (event) => {
        if (sending.value) sending.value = { ...sending.value, sent: Math.min(event.loaded, sending.value.of) }
      }
      mine.onload = () => {
        const body = mine.response as Answer | null
        resolve(body?.sha256 ?? (body ? refusalIn(mine.status, body) : null) ?? new Refusal(mine.status, 'client.unreadable_answer', null, { status: mine.status }))
      }
      mine.onerror = () => resolve(new Refusal(0, 'client.offline'))
      mine.onabort = () => resolve(new Refusal(0, 'client.offline'))
      const form = new FormData()
      form.set('file', file)
      mine.send(form)
    })
  }

  return { documents, sending, refusal, take, drop }
}
