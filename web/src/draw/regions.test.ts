// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes'
import { canonText } from './canon'
import { vectors } from './vectors'
import { verify, type Asked } from './verify'

/** A draw of the Python service under two region rules, with three supplementary steps. */
interface Drawn {
  manifest: { rules: { regions: { set: number[]; min: number; max: number }[] } }
  results: { body: { position?: number; positions?: number[][] } }[]
}
const drawn = (): Drawn => vectors<Drawn>('region_bundle.json')
const asked: Asked = { purpose: 'test', pinned: [] }
const verdictOf = async (bundle: Drawn) => verify(utf8(canonText(bundle)), asked)

describe('a draw under region rules', () => {
  it('is verified with its steps', async () => {
    const { verdict, failed, checks } = await verdictOf(drawn())

    expect([verdict, failed]).toEqual(['passed', null])
    expect(checks.find((check) => check.name === 'step.next_feasible')?.outcome).toBe('passed')
    expect(drawn().manifest.rules.regions).toEqual([
      { set: [310000, 500000], min: 1, max: 3 },
      { set: [500000], min: 2, max: 2 },
    ])
    expect(drawn().results).toHaveLength(4)
  })

  it.each<[string, string, (b: Drawn) => void]>([
    ['a wider rule', 'entry.manifest', (b) => void (b.manifest.rules.regions[1]!.max = 3)],
    ['no rule', 'entry.manifest', (b) => void (b.manifest.rules.regions = [])],
    ['a set out of order', 'manifest.form', (b) => void b.manifest.rules.regions[0]!.set.reverse()],
    ['less than none', 'manifest.form', (b) => void (b.manifest.rules.regions[0]!.min = 4)],
    ['another replacement', 'result.committed', (b) => void (b.results[1]!.body.position! += 1)],
  ])('is refused with %s', async (_, check, change) => {
    const bundle = drawn()
    change(bundle)

    expect((await verdictOf(bundle)).failed).toBe(check)
  })
})
