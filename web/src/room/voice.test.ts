import { describe, expect, it } from 'vitest'
import { LowerVoice, RATIO, WANDER } from './voice'

const RATE = 48_000
/** A vowel of a kind: a fundamental with falling overtones. */
const vowel = (pitch: number, seconds: number): Float32Array =>
  Float32Array.from({ length: RATE * seconds }, (_, i) => [1, 0.6, 0.4, 0.25].reduce((sum, loud, k) => sum + 0.2 * loud * Math.sin((2 * Math.PI * pitch * (k + 1) * i) / RATE), 0))

function changed(input: Float32Array): Float32Array {
  const voice = new LowerVoice(RATE)
  const output = new Float32Array(input.length)
  for (let at = 0; at < input.length; at += 128) voice.process(input.subarray(at, at + 128), output.subarray(at, at + 128))
  return output
}
/** How much of a pitch is in a sound. */
function strength(sound: Float32Array, pitch: number): number {
  let [re, im] = [0, 0]
  sound.forEach((value, i) => {
    re += value * Math.cos((2 * Math.PI * pitch * i) / RATE)
    im += value * Math.sin((2 * Math.PI * pitch * i) / RATE)
  })
  return Math.hypot(re, im) / sound.length
}
/** The pitch at which a sound is most like itself a moment later. */
function fundamental(sound: Float32Array): number {
  let [best, found] = [-1, 0]
  for (let lag = Math.round(RATE / 400); lag < RATE / 60; lag += 1) {
    let like = 0
    for (let i = 0; i + lag < sound.length; i += 1) like += sound[i]! * sound[i + lag]!
    like /= sound.length - lag
    if (like > best * 1.02) [best, found] = [like, RATE / lag]
  }
  return found
}
const loudness = (sound: Float32Array): number => Math.sqrt(sound.reduce((sum, one) => sum + one * one, 0) / sound.length)

describe('the changed voice', () => {
  it.each([110, 160, 220])('is lower by a fifth to three tenths, at %i Hz', (pitch) => {
    const voice = changed(vowel(pitch, 1.2))
    for (const at of [0.2, 0.6, 1]) {
      const ratio = fundamental(voice.subarray(at * RATE, (at + 0.12) * RATE)) / pitch
      expect(ratio).toBeGreaterThan(0.68)
      expect(ratio).toBeLessThan(0.82)
    }
  })

  it('holds little of the old pitch, and stays about as loud', () => {
    const [before, after] = [vowel(220, 1), changed(vowel(220, 1)).subarray(RATE / 4)]
    expect(strength(after, 220)).toBeLessThan(strength(before, 220) / 4)
    expect(loudness(after) / loudness(before)).toBeGreaterThan(0.5)
    expect(loudness(after) / loudness(before)).toBeLessThan(1.3)
  })

  it('wanders, so that no one factor turns it back', () => {
    expect(RATIO + WANDER).toBeLessThan(0.8)
    expect(RATIO - WANDER).toBeGreaterThan(0.7)
    const voice = changed(vowel(200, 8))
    const early = fundamental(voice.subarray(1.7 * RATE, 1.85 * RATE))
    const late = fundamental(voice.subarray(5.4 * RATE, 5.55 * RATE))
    expect(early / late).toBeGreaterThan(1.04)
  })

  it('makes silence of silence, and begins with it', () => {
    expect(changed(new Float32Array(RATE)).every((one) => one === 0)).toBe(true)
  })
})
