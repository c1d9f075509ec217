/** The only place that speaks HTTP: JSON, cookie or tab token, refusals as values of one class, polling with ETag. */
import { onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter, type Ref, type ShallowRef } from 'vue'
import type { Facts } from '@/words'

const TAB_TOKEN = 'expert-draw.tab-token'

/** A refusal of the server. `code` is `room.fact`; 'client.offline' when no answer came at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly rule: string | null = null,
    readonly facts: Facts = {},
    readonly requestId: string | null = null,
  ) {
    super(code)
    this.name = 'Refusal'
  }
}

/** In a demonstration each tab may be another person: the tab's token wins over the cookie. */
export const tabToken = {
  get: (): string | null => sessionStorage.getItem(TAB_TOKEN),
  set: (token: string): void => sessionStorage.setItem(TAB_TOKEN, token),
  clear: (): void => sessionStorage.removeItem(TAB_TOKEN),
}

export interface CallOptions {
  /** Sent as JSON, a form with files as it is. */
  body?: unknown
  query?: Record<string, string | number | boolean | null | undefined>
  /** Replaces the tab token (share holder pages bring their own). */
  token?: string | null
  /** Makes a repeated command harmless. */
  idempotencyKey?: string
  signal?: AbortSignal
  headers?: Record<string, string>
}

function headersOf(options: CallOptions): Headers {
  const headers = new Headers({ Accept: 'application/json', ...options.headers })
  const token = options.token ?? tabToken.get()
  if (token) headers.set('Authorization', `Bearer ${token}`)
  if (options.body !== undefined && !(options.body instanceof FormData)) headers.set('Content-Type', 'application/json')
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  return headers
}

function address(path: string, query: CallOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined)
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text ? `${path}?${text}` : path
}

/**
 * Sends and returns the raw answer, good or not; throws Refusal only when there is none.
 * A sign-in by cookie is renewed every ten minutes: the first 401 asks for new cookies and sends once more.
 */
export async function ask(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const answer = await once(method, path, options)
  const byCookie = !(options.token ?? tabToken.get())
  const renewable = answer.status === 401 && byCookie && path !== '/api/sign-in' && path !== '/api/passkeys/sign-in'
  return renewable && (await renewed()) ? once(method, path, options) : answer
}

/** As `ask`, but throws Refusal for an error. 304 passes. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const answer = await ask(method, path, options)
  if (answer.ok || answer.status === 304) return answer
  throw await refusalOf(answer)
}

async function once(method: string, path: string, options: CallOptions): Promise<Response> {
  try {
    return await fetch(address(path, options.query), {
      method,
      headers: headersOf(options),
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: options.body instanceof FormData ? options.body : JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Refusal(0, 'client.offline')
  }
}

let renewal: Promise<boolean> | null = null

/** Asks for new cookies; calls at the same time share one question, since a refresh token works once. */
function renewed(): Promise<boolean> {
  renewal ??= once('POST', '/api/refresh', {})
    .then((answer) => answer.ok)
    .finally(() => (renewal = null))
  return renewal
}

async function refusalOf(answer: Response): Promise<Refusal> {
  try {
    const { error } = (await answer.json()) as {
      error: { code: string; rule?: string | null; facts?: Facts; request_id?: string | null }
    }
    return new Refusal(answer.status, error.code, error.rule ?? null, error.facts ?? {}, error.request_id ?? null)
  } catch {
    return new Refusal(answer.status, 'client.unreadable_answer', null, { status: answer.status })
  }
}

async function json<T>(method: string, path: string, options: CallOptions): Promise<T> {
  const answer = await send(method, path, options)
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

export const api = {
  get: <T>(path: string, options: CallOptions = {}): Promise<T> => json<T>('GET', path, options),
  post: <T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> => json<T>('POST', path, { ...options, body }),
  put: <T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> => json<T>('PUT', path, { ...options, body }),
  delete: <T>(path: string, options: CallOptions = {}): Promise<T> => json<T>('DELETE', path, options),
}

export interface Poll<T> {
  data: ShallowRef<T | null>
  refusal: ShallowRef<Refusal | null>
  /** True while no answer comes; the last data stay. */
  offline: Ref<boolean>
  loading: Ref<boolean>
  refresh: () => Promise<void>
}

/**
 * Asks `path` every `seconds` while the page is visible, with If-None-Match, until the scope ends.
 * `path` may be a ref or getter; null stops. A 304 leaves `data` untouched, so nothing moves on the screen.
 */
export function usePoll<T>(path: MaybeRefOrGetter<string | null>, seconds: MaybeRefOrGetter<number>, options: CallOptions = {}): Poll<T> {
  const data = shallowRef<T | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const offline = ref(false)
  const loading = ref(false)
  let etag: string | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let round = 0

  async function ask(mine: number): Promise<void> {
    const where = toValue(path)
    if (where === null) return
    loading.value = true
    try {
      const answer = await send('GET', where, { ...options, headers: { ...options.headers, ...(etag ? { 'If-None-Match': etag } : {}) } })
      const body = answer.status === 304 ? undefined : ((await answer.json()) as T)
      if (mine !== round) return
      if (body !== undefined) {
        data.value = body
        etag = answer.headers.get('ETag')
      }
      refusal.value = null
      offline.value = false
    } catch (cause) {
      if (mine !== round) return
      if (!(cause instanceof Refusal)) throw cause
      offline.value = cause.code === 'client.offline'
      if (!offline.value) refusal.value = cause
    } finally {
      if (mine === round) loading.value = false
    }
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    const mine = ++round
    if (!document.hidden) await ask(mine)
    if (mine === round && !stopped) timer = setTimeout(() => void refresh(), toValue(seconds) * 1000)
  }

  let stopped = false
  const onVisible = (): void => {
    if (!document.hidden) void refresh()
  }
  document.addEventListener('visibilitychange', onVisible)
  watch(
    () => toValue(path),
    () => {
      etag = null
      data.value = null
      refusal.value = null
      void refresh()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    stopped = true
    round += 1
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  return { data, refusal, offline, loading, refresh }
}
