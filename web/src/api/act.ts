/** One command at a time: busy while it runs, its refusal kept beside the button that caused it. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ask, Refusal, send, type CallOptions } from './client'

export interface Act {
  busy: Ref<boolean>
  refusal: ShallowRef<Refusal | null>
  /** Runs `act`; undefined when it was refused (other errors go on). */
  run: <T>(act: () => Promise<T>) => Promise<T | undefined>
}

export function useAct(): Act {
  const busy = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  async function run<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    refusal.value = null
    try {
      return await act()
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      refusal.value = cause
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, refusal, run }
}

/** A random key that makes a repeated command harmless; works on plain http as well. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

interface ErrorBody {
  error?: { code: string; rule?: string | null; facts?: Record<string, unknown>; request_id?: string | null }
}

/** Sends a form with files; returns the status and the JSON body, also of a refusal (an import answers with problems). */
export async function upload<T>(path: string, form: FormData): Promise<{ status: number; body: T & ErrorBody }> {
  const answer = await ask('POST', path, { body: form })
  let body: T & ErrorBody
  try {
    body = await answer.json()
  } catch {
    throw new Refusal(answer.status, 'client.unreadable_answer', null, { status: answer.status })
  }
  return { status: answer.status, body }
}

/** The refusal inside a body that `upload` returned, or null. */
export function refusalIn(status: number, body: ErrorBody): Refusal | null {
  return body.error ? new Refusal(status, body.error.code, body.error.rule ?? null, body.error.facts ?? {}, body.error.request_id ?? null) : null
}

/** Fetches bytes with this tab's sign-in (documents, exports); throws Refusal. */
export async function fetchBytes(path: string, options: Pick<CallOptions, 'signal'> = {}): Promise<{ bytes: ArrayBuffer; type: string }> {
  const answer = await send('GET', path, options)
  return { bytes: await answer.arrayBuffer(), type: answer.headers.get('Content-Type') ?? 'application/octet-stream' }
}

/** Lets the person keep bytes as a file. */
export function keepAs(name: string, bytes: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export async function download(path: string, name: string): Promise<void> {
  const { bytes, type } = await fetchBytes(path)
  keepAs(name, bytes, type)
}

/** As `download`, for bytes whose handing over is an entry in the log: a POST. */
export async function keepPosted(path: string, name: string): Promise<void> {
  const answer = await send('POST', path)
  keepAs(name, await answer.arrayBuffer(), answer.headers.get('Content-Type') ?? 'application/octet-stream')
}
