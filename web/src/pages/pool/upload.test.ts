import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PoolImport } from '@/api/shapes'
import { api, Refusal, tabToken } from '@/api/client'
import { MOST_BYTES, useImport } from './upload'

/** What the page sees of XMLHttpRequest; the test answers by hand. */
class FakeRequest {
  static made: FakeRequest[] = []
  upload: { onprogress?: (event: { loaded: number }) => void; onload?: () => void } = {}
  headers: Record<string, string> = {}
  status = 0
  response: unknown = null
  responseType = ''
  sent: FormData | null = null
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  constructor() { FakeRequest.made.push(this) }
  open(method: string, path: string): void { expect([method, path]).toEqual(['POST', '/api/pool/import']) }
  setRequestHeader(name: string, value: string): void { this.headers[name] = value }
  send(form: FormData): void { this.sent = form }
  abort(): void { this.onabort?.() }
  answer(status: number, response: unknown): void {
    this.status = status
    this.response = response
    this.onload?.()
  }
}
const last = (): FakeRequest => FakeRequest.made.at(-1)!
const book = (bytes: string): File => new File([bytes], '名册.xlsx')
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(5).then(() => undefined)
const later = (): Promise<void> => vi.advanceTimersByTimeAsync(1100).then(() => undefined)
const told = (more: Partial<PoolImport>): PoolImport => ({ id: 'im_1', file: '名册.xlsx', state: 'running', phase: 'checking', done: 0, total: 10, began_at: null, ended_at: null, imported: 0, skipped: 0, problem_count: 0, problems: [], error: null, ...more })
const PROBLEM = { sheet: '专家', row: 2, column: '姓名', code: 'pool.value_missing', value_hint: 'empty:0', facts: {} }
const REFUSED = told({ state: 'refused', problem_count: 1, problems: [PROBLEM], error: { code: 'pool.import_refused', facts: { rows: 1, problems: 1 } } })
const TAKEN = told({ state: 'completed', imported: 3 })
/** The server's answers to "how far?", one after the other; an Error is thrown. */
function answers(...list: (PoolImport | Refusal)[]): ReturnType<typeof vi.spyOn> {
  const rest = [...list]
  return vi.spyOn(api, 'get').mockImplementation(() => {
    const next = rest.length > 1 ? rest.shift()! : rest[0]!
    return next instanceof Refusal ? Promise.reject(next) : Promise.resolve(next as never)
  })
}

beforeEach(() => {
  FakeRequest.made = []
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 20 })
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
  sessionStorage.clear()
})

describe('an import', () => {
  it('says how far the upload is, then how many rows are done, then what was taken', async () => {
    tabToken.set('t1')
    answers(told({ done: 4 }), told({ done: 10, phase: 'completing' }), TAKEN)
    const taking = useImport()
    void taking.take(book('0123456789'))
    await settle()
    expect([taking.phase.value, taking.of.value, last().headers.Authorization, last().sent!.get('skip_bad')]).toEqual(['sending', 10, 'Bearer t1', 'false'])
    last().upload.onprogress!({ loaded: 4 })
    expect(taking.sent.value).toBe(4)
    last().upload.onprogress!({ loaded: 400 })
    expect(taking.sent.value).toBe(10)
    last().answer(202, told({}))
    await settle()
    expect([taking.phase.value, taking.progress.value?.done]).toEqual(['running', 0])
    await later()
    expect([taking.phase.value, taking.progress.value?.done]).toEqual(['running', 4])
    await later()
    expect(taking.progress.value?.phase).toBe('completing')
    await later()
    expect([taking.phase.value, taking.outcome.value, taking.refusal.value]).toEqual(['done', { imported: 3, skipped: 0, listed: [] }, null])
  })

  it('keeps the problems of a refusal, and sends the same bytes when bad rows are skipped', async () => {
    answers(REFUSED, told({ state: 'completed', imported: 1, skipped: 1, problem_count: 1, problems: [PROBLEM] }))
    const taking = useImport()
    void taking.take(book('same'))
    await settle()
    last().answer(202, told({}))
    await later()
    expect([taking.refusal.value?.code, taking.refusal.value?.facts.rows, taking.problems.value.length, taking.outcome.value]).toEqual(['pool.import_refused', 1, 1, null])
    void taking.send(true)
    await settle()
    expect(last().sent!.get('skip_bad')).toBe('true')
    expect(await (last().sent!.get('file') as File).text()).toBe('same')
    last().answer(202, told({ id: 'im_2' }))
    await later()
    expect([taking.outcome.value, taking.problems.value.length]).toEqual([{ imported: 1, skipped: 1, listed: [] }, 1])
  })

  it('is refused at once when the file as a whole is unfit', async () => {
    const taking = useImport()
    void taking.take(book('a'))
    await settle()
    last().answer(422, { error: { code: 'pool.header_missing', facts: { columns: '姓名' } } })
    await settle()
    expect([taking.phase.value, taking.refusal.value?.code]).toEqual(['done', 'pool.header_missing'])
  })

  it('is found again by a page that was reloaded, and waits while the server is away', async () => {
    answers(new Refusal(0, 'client.offline'), TAKEN)
    const taking = useImport()
    taking.follow(told({ done: 7 }))
    expect([taking.phase.value, taking.file.value?.name, taking.progress.value?.done]).toEqual(['running', '名册.xlsx', 7])
    await later()
    expect([taking.phase.value, taking.refusal.value]).toEqual(['running', null])
    await later()
    expect([taking.phase.value, taking.outcome.value?.imported]).toEqual(['done', 3])
  })

  it('says when the service was restarted meanwhile, and that nothing was taken', async () => {
    answers(told({ state: 'interrupted', error: { code: 'pool.import_interrupted', facts: { file: '名册.xlsx', at: '2026-11-24 09:00' } } }))
    const taking = useImport()
    taking.follow(told({}))
    await later()
    expect([taking.refusal.value?.code, taking.refusal.value?.facts.file, taking.outcome.value]).toEqual(['pool.import_interrupted', '名册.xlsx', null])
  })

  it('refuses a file that is too large before sending it', async () => {
    const taking = useImport()
    const large = book('x')
    Object.defineProperty(large, 'size', { value: MOST_BYTES + 1 })
    await taking.take(large)
    expect([taking.refusal.value?.code, FakeRequest.made.length]).toEqual(['pool.file_too_large', 0])
  })

  it('says so when no answer comes, or none that can be read', async () => {
    const taking = useImport()
    void taking.take(book('a'))
    await settle()
    last().onerror!()
    await settle()
    expect(taking.refusal.value?.code).toBe('client.offline')
    void taking.send(false)
    await settle()
    last().answer(502, null)
    await settle()
    expect(taking.refusal.value?.code).toBe('client.unreadable_answer')
  })

  it('is cut off by the next file, whose answer alone counts', async () => {
    const taking = useImport()
    void taking.take(book('first'))
    await settle()
    void taking.take(book('second'))
    await settle()
    answers(TAKEN)
    last().answer(202, told({}))
    await later()
    expect([taking.outcome.value?.imported, FakeRequest.made.length]).toEqual([3, 2])
  })
})
