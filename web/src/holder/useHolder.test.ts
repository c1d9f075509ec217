// @vitest-environment node
import 'fake-indexeddb/auto'
import { setTimeout as nap } from 'node:timers/promises'
import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { vectors } from '@/draw/vectors'
import { createFile, openFile } from './file'
import { useHolder } from './useHolder'

const PASSPHRASE = '一句很长的话 four words'
const POLICY = vectors<{ open: { bundle: { policy: Record<string, unknown> } } }>('bdp1-bundles.json').open.bundle.policy
const SECONDS = 600
const BEGUN = Date.parse('2026-01-01T00:00:00Z')

/** Every sign-in gives another token; the desk takes the newest one only. */
let given = 0
let asked: { path: string; token: string }[] = []
const answers: Record<string, () => unknown> = {
  '/api/holders/challenge': () => ({ challenge: '00'.repeat(32) }),
  '/api/holders/sign-in': () => ({ token: `t${(given += 1)}`, seconds: SECONDS, party: 'centre', witness: null }),
  '/api/holders/policy': () => POLICY,
  '/api/holders/duties': () => ({ now: '2026-01-01T00:00:00Z', tips: [], admissions: [], reveals: [], checkpoint: null }),
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  given = 0
  asked = []
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  vi.stubGlobal('navigator', { locks: { request: async (_: string, __: unknown, held: (lock: object) => unknown) => held({}) } })
  vi.stubGlobal('fetch', async (address: string, how: { headers: Headers }) => {
    const path = address.split('?')[0]!
    asked.push({ path, token: how.headers.get('Authorization') ?? '' })
    return Response.json(answers[path]!())
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Goes to a moment, in seconds from the first sign-in, and lets the page do a round there. */
async function at(seconds: number): Promise<void> {
  vi.setSystemTime(BEGUN + seconds * 1000)
  const before = asked.length
  await vi.advanceTimersByTimeAsync(2000)
  // keys and the journal answer in real time, whatever the clock says
  for (let n = 0; n < 200 && asked.length < before + 2; n += 1) await nap(5)
  await nap(20)
}

it('renews its token by the key before it is over, so that no press meets a dead one', async () => {
  const own = await openFile(await createFile(PASSPHRASE, 10), PASSPHRASE)
  const scope = effectScope()
  vi.setSystemTime(BEGUN)
  await scope.run(() => useHolder())!.begin(own)
  expect(given).toBe(1)
  await at(SECONDS * 0.7)
  expect([given, lastToken()]).toEqual([1, 'Bearer t1'])
  await at(SECONDS * 0.8)
  expect([given, lastToken()]).toEqual([2, 'Bearer t2'])
  scope.stop()
})

const lastToken = (): string | undefined => asked.filter((one) => one.path.endsWith('/duties')).at(-1)?.token
