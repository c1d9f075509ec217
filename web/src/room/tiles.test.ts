import { describe, expect, it } from 'vitest'
import type { Received } from './media'
import type { Person } from './mediaFrames'
import { arriving, isMuted, tilesOf, viewOf, whyNone } from './tiles'

const person = (who: string, tracks: Person['tracks'], more: Partial<Person> = {}): Person => ({ who, tracks, muted: [], dark: false, quality: 4, ...more })
const got = (who: string, track: Received['track'], mid: string): Received => ({ who, track, mid, media: {} as never })
const face = (who: string) => ({ who, picture: 'face' as const })

describe('the tiles', () => {
  it('are the seats in their order, then the clerk, then screens and desks; never oneself or a supervisor', () => {
    const people = [person('clerk', ['face']), person('e1', ['masked']), person('e3', ['masked', 'screen', 'desk']), person('supervisor', [])]
    expect(tilesOf(['e2', 'e3'], people, 'e1').map((one) => `${one.who}/${one.picture}`)).toEqual(['e2/face', 'e3/face', 'clerk/face', 'e3/screen', 'e3/desk'])
  })
  it('find their picture in either layer, masked or open', () => {
    const all = [got('e2', 'masked_low', 'a'), got('e2', 'voice', 'b'), got('clerk', 'face', 'c'), got('e2', 'screen', 'd')]
    expect(arriving(face('e2'), all)?.mid).toBe('a')
    expect(arriving(face('clerk'), all)?.mid).toBe('c')
    expect(arriving({ who: 'e2', picture: 'screen' }, all)?.mid).toBe('d')
    expect(arriving(face('e3'), all)).toBeNull()
  })
  it('say why there is no picture', () => {
    const here = person('e2', ['masked', 'voice'])
    expect(whyNone(face('e2'), undefined, null, new Set())).toBe('away')
    expect(whyNone(face('e2'), person('e2', []), null, new Set())).toBe('away')
    expect(whyNone(face('e2'), person('e2', ['voice']), null, new Set())).toBe('none')
    expect(whyNone(face('e2'), person('e2', ['masked'], { dark: true }), null, new Set())).toBe('dark')
    expect(whyNone(face('e2'), here, null, new Set())).toBe('coming')
    expect(whyNone(face('e2'), here, got('e2', 'masked', 'a'), new Set(['a']))).toBe('still')
    expect(whyNone(face('e2'), here, got('e2', 'masked', 'a'), new Set())).toBeNull()
  })
  it('show who is muted', () => {
    expect([isMuted(person('e2', [], { muted: ['voice', 'mic'] })), isMuted(person('e2', [])), isMuted(undefined)]).toEqual([true, false, false])
  })
})

describe('what the server is asked for', () => {
  it('is what is on the screen, sharp in a small room, small in a large one, and the enlarged always sharp', () => {
    const seen = [face('e2'), face('e3'), { who: 'e3', picture: 'screen' as const }]
    expect(viewOf(seen, null, 4).map((one) => one.layer)).toEqual(['high', 'high', 'high'])
    expect(viewOf(seen, face('e3'), 5).map((one) => one.layer)).toEqual(['low', 'high', 'high'])
    expect(viewOf([], face('e3'), 5)).toEqual([{ who: 'e3', picture: 'face', layer: 'high' }])
    expect(viewOf(Array.from({ length: 50 }, (_, i) => face(`e${i + 1}`)), null, 50)).toHaveLength(32)
  })
})
