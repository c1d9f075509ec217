import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tabToken } from '@/api/client'
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
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const REFUSED = { error: { code: 'pool.import_refused', facts: { rows: 1, problems: 1 } }, problems: [{ sheet: '专家', row: 2, column: '姓名', code: 'pool.value_missing', value_hint: 'empty:0', facts: {} }] }

beforeEach(() => {
  FakeRequest.made = []
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
})
afterEach(() => {
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

describe('an import', () => {
  it('says how far it is, then that it is being checked, then what was taken', async () => {
    tabToken.set('t1')
    const taking = useImport()
    void taking.take(book('0123456789'))
    await settle()
    expect([taking.phase.value, taking.of.value, last().headers.Authorization, last().sent!.get('skip_bad')]).toEqual(['sending', 10, 'Bearer t1', 'false'])
    last().upload.onprogress!({ loaded: 4 })
    expect(taking.sent.value).toBe(4)
    last().upload.onprogress!({ loaded: 400 })
    expect(taking.sent.value).toBe(10)
    last().upload.onload!()
    expect(taking.phase.value).toBe('checking')
    last().answer(200, { imported: 3, skipped: 0, problems: [] })
    await settle()
    expect([taking.phase.value, taking.outcome.value, taking.refusal.value]).toEqual(['done', { imported: 3, skipped: 0 }, null])
  })

  it('keeps the problems of a refusal, and sends the same bytes when bad rows are skipped', async () => {
    const taking = useImport()
    void taking.take(book('same'))
    await settle()
    last().answer(422, REFUSED)
    await settle()
    expect([taking.refusal.value?.code, taking.problems.value.length, taking.outcome.value]).toEqual(['pool.import_refused', 1, null])
    void taking.send(true)
    await settle()
    expect(last().sent!.get('skip_bad')).toBe('true')
    expect(await (last().sent!.get('file') as File).text()).toBe('same')
    last().answer(200, { imported: 1, skipped: 1, problems: REFUSED.problems })
    await settle()
    expect([taking.outcome.value, taking.problems.value.length]).toEqual([{ imported: 1, skipped: 1 }, 1])
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
    last().answer(200, { imported: 2, skipped: 0, problems: [] })
    await settle()
    expect([taking.outcome.value?.imported, FakeRequest.made.length]).toEqual([2, 2])
  })
})
