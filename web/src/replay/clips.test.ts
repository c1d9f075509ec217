import { afterEach, expect, it, vi } from 'vitest'
import { fetchBytes } from '@/api/act'
import { Clips, KEPT } from './clips'
import type { Segment } from './timeline'

vi.mock('@/api/act', () => ({ fetchBytes: vi.fn(async (path: string) => ({ bytes: new TextEncoder().encode(path).buffer, type: 'video/webm' })) }))
const segment = (number: number): Segment => ({ who: 'e1', track: 'face', number }) as Segment
const made: string[] = []
const gone: string[] = []
URL.createObjectURL = () => (made.push(`blob:${made.length}`), made.at(-1)!)
URL.revokeObjectURL = (one: string) => void gone.push(one)
afterEach(() => {
  vi.mocked(fetchBytes).mockClear()
  made.length = gone.length = 0
})

it('asks for each clip once and names its sound', async () => {
  const clips = new Clips('/api/recordings/ev/openings/op')
  expect(await clips.address(segment(1), 'mic')).toBe(await clips.address(segment(1), 'mic'))
  expect(vi.mocked(fetchBytes).mock.calls).toEqual([['/api/recordings/ev/openings/op/clips/e1/face/1?sound=mic']])
})

it('keeps the last few and gives the others back', async () => {
  const clips = new Clips('')
  for (let n = 1; n <= KEPT + 2; n += 1) await clips.address(segment(n), null)
  await Promise.resolve()
  expect(gone).toEqual(['blob:0', 'blob:1'])
  clips.close()
  await Promise.resolve()
  expect(gone).toHaveLength(KEPT + 2)
})

it('asks again for what was refused', async () => {
  const clips = new Clips('')
  vi.mocked(fetchBytes).mockRejectedValueOnce(new Error('refused'))
  await expect(clips.address(segment(1), null)).rejects.toThrow('refused')
  await expect(clips.address(segment(1), null)).resolves.toBe('blob:0')
})
