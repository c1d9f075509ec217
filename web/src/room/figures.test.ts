import { describe, expect, it } from 'vitest'
import { figuresOf, qualityOf, RING_MS, STILL_MS, Watcher } from './figures'

describe('the figures of a browser', () => {
  it('give loudness and pictures by m-line, and the own way up at its worst', () => {
    const found = figuresOf(
      [
        { type: 'inbound-rtp', kind: 'audio', mid: '1', audioLevel: 0.2 },
        { type: 'inbound-rtp', kind: 'video', mid: '2', framesDecoded: 12 },
        { type: 'inbound-rtp', kind: 'video', framesDecoded: 3 },
        { type: 'candidate-pair', mid: '2' },
      ],
      [
        { type: 'media-source', kind: 'audio', audioLevel: 0.1 },
        { type: 'remote-inbound-rtp', fractionLost: 0.01, roundTripTime: 0.02 },
        { type: 'remote-inbound-rtp', fractionLost: 0.08 },
      ],
    )
    expect([[...found.levels], [...found.frames], found.own, found.loss, found.trip]).toEqual([[['1', 0.2]], [['2', 12]], 0.1, 0.08, 0.02])
  })
  it.each([[null, null, null], [0, 0.05, 4], [0.03, 0.05, 3], [0.06, 0, 2], [0, 0.6, 2], [0.2, 0, 1]])('of loss %s and a trip of %s s are %s bars', (loss, trip, bars) => {
    expect(qualityOf({ loss, trip })).toBe(bars)
  })
})

describe('the watcher', () => {
  it('keeps the ring for a moment between words, and not for those who left', () => {
    const watcher = new Watcher()
    expect([...watcher.speaking(new Map([['e1', 0.3], ['e2', 0.001]]), 0)]).toEqual(['e1'])
    expect([...watcher.speaking(new Map([['e1', 0]]), RING_MS - 1)]).toEqual(['e1'])
    expect([...watcher.speaking(new Map([['e1', 0]]), RING_MS)]).toEqual([])
    watcher.speaking(new Map([['e1', 0.3]]), 2 * RING_MS)
    expect([...watcher.speaking(new Map(), 2 * RING_MS)]).toEqual([])
  })
  it('finds a picture that stands still, and takes it back when it moves', () => {
    const watcher = new Watcher()
    expect(watcher.still(new Map([['a', 0]]), 0).size).toBe(0)
    watcher.still(new Map([['a', 5]]), 1000)
    expect([...watcher.still(new Map([['a', 5]]), 1000 + STILL_MS)]).toEqual(['a'])
    expect(watcher.still(new Map([['a', 6]]), 6000).size).toBe(0)
    watcher.still(new Map(), 7000)
    expect(watcher.still(new Map([['a', 6]]), 7000 + STILL_MS).size).toBe(0)
  })
})
