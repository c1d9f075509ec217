// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes'
import { canonText } from './canon'
import { vectors } from './vectors'
import { verify, type Asked } from './verify'

/** A draw of the Python service in which the vault revealed with the others, with one supplementary step. */
interface Drawn {
  manifest: { seal: { party: string; unseal_after: number } }
  entries: { index: number; body: { type: string; party?: string; j?: number } }[]
}
const drawn = (): Drawn => vectors<Drawn>('unsealed_bundle.json')
const asked: Asked = { purpose: 'test', pinned: [] }

describe('an unsealed draw', () => {
  it('is verified: every holder revealed before the result, the supervisor last', async () => {
    const bundle = drawn()
    const { verdict, failed } = await verify(utf8(canonText(bundle)), asked)

    expect([verdict, failed, bundle.manifest.seal.party]).toEqual(['passed', null, ''])
    const order = bundle.entries.filter(({ body }) => ['reveal', 'result', 'decline'].includes(body.type)).map(({ body }) => body.party ?? body.type)
    expect(order).toEqual(['vault', 'centre', 'supervisor', 'result', 'decline', 'vault', 'centre', 'supervisor', 'result'])
  })

  it('is not shown as a sealed one', async () => {
    const bundle = drawn()
    bundle.manifest.seal.party = 'vault'

    expect((await verify(utf8(canonText(bundle)), asked)).failed).toBe('entry.manifest')
  })
})
