// @vitest-environment node
import { expect, it } from 'vitest'
import { canon } from '@/draw/canon'
import { hashOf } from '@/draw/checks-form'
import { vectors } from '@/draw/vectors'
import { readOpening } from './opening'

it('opens an aborted draw to the hash and the handle that stand in the log, and tells another manifest', async () => {
  const { manifest, handle_salt, entries } = vectors<{ open: { bundle: { manifest: { draw: { project: string }; day: string }; handle_salt: string; entries: { body: { type: string; handle?: string } }[] } } }>('bdp1-bundles.json').open.bundle
  const M = await hashOf('BDP1/manifest', manifest)
  const opened = await readOpening(canon({ manifest, handle_salt }), M)
  expect(opened).toMatchObject({ project: manifest.draw.project, seq: 1, fits: true })
  expect(opened.handle).toBe(entries.find((one) => one.body.type === 'manifest')!.body.handle)
  expect((await readOpening(canon({ manifest: { ...manifest, day: '2030-01-01' }, handle_salt }), M)).fits).toBe(false)
})
