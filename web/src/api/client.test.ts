import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api, Refusal, tabToken, usePoll } from './client'

const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(status === 304 || status === 204 ? null : JSON.stringify(body), { status, headers })
const fetched = vi.fn<(url: string, init: RequestInit & { headers: Headers }) => Promise<Response>>()
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await nextTick()
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', fetched)
  fetched.mockReset()
  sessionStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('calls', () => {
  it('send the token of the tab, else the cookie alone', async () => {
    fetched.mockImplementation(async () => answer({}))
    await api.get('/api/me')
    tabToken.set('t1')
    await api.post('/api/x', { a: 1 }, { query: { q: '中 文', none: null } })
    await api.get('/api/y', { token: 'own' })
    const sent = fetched.mock.calls.map(([url, init]) => [url, init.headers.get('Authorization')])
    expect(sent).toEqual([['/api/me', null], ['/api/x?q=%E4%B8%AD+%E6%96%87', 'Bearer t1'], ['/api/y', 'Bearer own']])
    expect(fetched.mock.calls[1]![1]).toMatchObject({ method: 'POST', body: '{"a":1}', credentials: 'same-origin' })
  })

  it('turn errors into refusals with code, rule and facts', async () => {
    fetched.mockResolvedValueOnce(answer({ error: { code: 'draw.hat_too_small', rule: 'R-SIZE-1', facts: { n: 2 }, request_id: 'r' } }, 422))
    await expect(api.get('/api/x')).rejects.toMatchObject({ status: 422, code: 'draw.hat_too_small', rule: 'R-SIZE-1', facts: { n: 2 }, requestId: 'r' })
    fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }))
    await expect(api.get('/api/x')).rejects.toMatchObject({ code: 'client.unreadable_answer' })
    fetched.mockRejectedValueOnce(new TypeError('network'))
    await expect(api.get('/api/x')).rejects.toMatchObject({ status: 0, code: 'client.offline' })
  })

  it('renew a sign-in by cookie once, and never that of a tab', async () => {
    const refused = (): Response => answer({ error: { code: 'accounts.not_signed_in' } }, 401)
    let live = false
    fetched.mockImplementation(async (url) => {
      if (url === '/api/refresh') live = true
      return url === '/api/refresh' || live ? answer({ ok: true }) : refused()
    })
    await Promise.all([api.get('/api/x'), api.get('/api/y')])
    expect(fetched.mock.calls.filter(([url]) => url === '/api/refresh')).toHaveLength(1)
    fetched.mockReset()
    fetched.mockImplementation(async () => refused())
    await expect(api.get('/api/x')).rejects.toMatchObject({ status: 401 })
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(['/api/x', '/api/refresh'])
    tabToken.set('t1')
    await expect(api.get('/api/x')).rejects.toMatchObject({ status: 401 })
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(['/api/x', '/api/refresh', '/api/x'])
  })

  it('give undefined for an answer without content', async () => {
    fetched.mockResolvedValueOnce(answer(null, 204))
    expect(await api.delete('/api/x')).toBeUndefined()
  })
})

describe('polling', () => {
  it('asks again with the ETag, keeps the same data on 304, and stops with its scope', async () => {
    fetched.mockResolvedValueOnce(answer({ n: 1 }, 200, { ETag: '"a"' })).mockResolvedValueOnce(answer(null, 304)).mockResolvedValueOnce(answer({ n: 2 }, 200, { ETag: '"b"' }))
    const scope = effectScope()
    const poll = scope.run(() => usePoll<{ n: number }>('/api/x', 5))!
    await settle()
    const first = poll.data.value
    expect(first).toEqual({ n: 1 })
    await vi.advanceTimersByTimeAsync(5000)
    expect(fetched.mock.calls[1]![1].headers.get('If-None-Match')).toBe('"a"')
    expect(poll.data.value).toBe(first)
    await vi.advanceTimersByTimeAsync(5000)
    expect(poll.data.value).toEqual({ n: 2 })
    scope.stop()
    await vi.advanceTimersByTimeAsync(20000)
    expect(fetched).toHaveBeenCalledTimes(3)
  })

  it('keeps the last data while off line and says so; a refusal is shown', async () => {
    fetched.mockResolvedValueOnce(answer({ n: 1 })).mockRejectedValueOnce(new TypeError()).mockResolvedValueOnce(answer({ error: { code: 'a.b' } }, 403))
    const scope = effectScope()
    const poll = scope.run(() => usePoll<{ n: number }>('/api/x', 1))!
    await settle()
    await vi.advanceTimersByTimeAsync(1000)
    expect([poll.offline.value, poll.data.value]).toEqual([true, { n: 1 }])
    await vi.advanceTimersByTimeAsync(1000)
    expect([poll.offline.value, poll.refusal.value?.code]).toEqual([false, 'a.b'])
    expect(poll.refusal.value).toBeInstanceOf(Refusal)
    scope.stop()
  })

  it('forgets the data of another address, also when its answer comes late', async () => {
    let late!: (value: Response) => void
    fetched.mockReturnValueOnce(new Promise((resolve) => (late = resolve))).mockResolvedValueOnce(answer({ of: 'b' }))
    const path = ref<string | null>('/api/a')
    const scope = effectScope()
    const poll = scope.run(() => usePoll<{ of: string }>(path, 60))!
    path.value = '/api/b'
    await settle()
    late(answer({ of: 'a' }))
    await settle()
    expect(poll.data.value).toEqual({ of: 'b' })
    path.value = null
    await settle()
    expect([poll.data.value, fetched.mock.calls.length]).toEqual([null, 2])
    scope.stop()
  })
})
