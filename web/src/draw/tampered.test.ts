// @vitest-environment node
/** The verifier written in Python judged every case of this file; this one must say the same, and name the same check. */
import { describe, expect, it } from 'vitest'
import { fromHex, utf8 } from './bytes'
import { canon } from './canon'
import { Case } from './case'
import { computedAssurance, hashOf } from './checks-form'
import { fileOf, type Tampered } from './tampered'
import { vectors } from './vectors'
import { verify } from './verify'

interface Base {
  bundle: { policy: { purpose: 'production' | 'test' } }
  identities?: unknown
}
interface Assured {
  policy: unknown
  manifest: unknown
  counted: string[][]
  unchecked: boolean
  assurance: string
}
const file = vectors<{ bases: Record<string, Base>; cases: Tampered[]; assurance: Assured[] }>('tampered_verdicts.json')
const { open, sealed, escrow_opened } = vectors<Record<string, Base>>('bdp1-bundles.json')
const bases: Record<string, Base> = { ...file.bases, open: open!, sealed: sealed!, escrow_opened: escrow_opened!, core: { bundle: vectors('core_bundle.json') } }

async function judged(one: Tampered): Promise<{ verdict: string; failed: string | null }> {
  const { bundle, identities } = bases[one.base]!
  const changed = await fileOf(one.on ? identities : bundle, one)
  const given = one.on ? changed : identities ? canon(identities) : undefined
  const { purpose } = bundle.policy
  const pinned = purpose === 'production' ? [await hashOf('BDP1/policy', bundle.policy)] : []
  const { verdict, failed } = await verify(one.on ? canon(bundle) : changed, { purpose, pinned, ...(given ? { identities: given } : {}) })
  return { verdict, failed }
}

describe('altered bundles', () => {
  it.each(Object.keys(bases))('of base %s', async (base) => {
    const cases = file.cases.filter((one) => one.base === base)
    const differing: string[] = []
    for (const one of cases) {
      const found = await judged(one)
      if (found.verdict !== one.verdict || found.failed !== one.failed) differing.push(`${one.why} ${JSON.stringify(one.ops).slice(0, 200)}: here ${found.verdict} ${found.failed}, there ${one.verdict} ${one.failed}`)
    }
    expect(differing).toEqual([])
    expect(cases.length).toBeGreaterThan(0)
  }, 120_000)
})

describe('computed assurance', () => {
  it.each(file.assurance.map((row, i) => [i, row.assurance, row] as const))('row %i is %s', (_, value, row) => {
    const about = new Case(utf8(''), { purpose: 'production', pinned: [] })
    const note = { text: '', origin: '', size: 1, root: fromHex(''), lines: [] }
    const checkpoints = row.counted.map((names) => ({ note, counted: names.map((name) => ({ name, time: 1 })) }))
    Object.assign(about, { bundle: { policy: row.policy }, manifest: row.manifest, checkpoints })
    if (row.unchecked) about.notChecked.add('beacon.signed')
    expect(computedAssurance(about)).toBe(value)
  })
})
