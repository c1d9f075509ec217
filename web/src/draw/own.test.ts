// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { checkOwn, type OwnAnswer } from './own'
import { vectors } from './vectors'

type Open<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? Open<U>[] : T[K] }

/** Two experts of one draw of the Python service: one in the hat, one left out for leave (reason 3). */
interface Told {
  M: string
  manifest: Record<string, unknown>
  hat: Open<OwnAnswer>
  out: Open<OwnAnswer>
}
const told = (): Told => vectors<Told>('own_hats.json')

describe('an own look at a draw', () => {
  it('finds the own place in the hat', async () => {
    const { M, manifest, hat } = told()
    expect(await checkOwn(M, manifest, hat)).toEqual({ word: 'hat', reason: 0, slots: [0], detail: '' })
  })

  it('finds the own exclusion and its reason', async () => {
    const { M, manifest, out } = told()
    expect(await checkOwn(M, manifest, out)).toEqual({ word: 'out', reason: 3, slots: [], detail: '' })
  })

  it('says so where there is no answer at all', async () => {
    const { M, manifest, out } = told()
    expect((await checkOwn(M, manifest, { ...out, exclusions: [] })).word).toBe('neither')
  })

  const lies: [string, (one: Told) => void][] = [
    ['another reason', ({ out }) => (out.exclusions[0]!.reason = 4)],
    ['another place', ({ hat }) => (hat.hats[0]!.position = 0)],
    ['another name', ({ hat }) => (hat.hats[0]!.identity = { ...hat.hats[0]!.identity, name: '别人' })],
    ['another salt', ({ out }) => (out.exclusions[0]!.salt = '00'.repeat(16))],
    ['another manifest', ({ manifest }) => (manifest.day = '2020-01-01')],
    ['in a hat and left out', (one) => (one.hat.exclusions = one.out.exclusions)],
    ['a member too many', ({ hat }) => Object.assign(hat, { more: 1 })],
  ]
  it.each(lies)('does not believe %s', async (_, lie) => {
    const one = told()
    lie(one)
    const found = await Promise.all([checkOwn(one.M, one.manifest, one.hat), checkOwn(one.M, one.manifest, one.out)])
    expect(found.map(({ word }) => word)).toContain('fails')
  })
})
