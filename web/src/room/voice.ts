/**
 * A changed voice: lower by about a quarter, by two taps that read a short past slower than it is written.
 *
 * What is lost: the pitch, and by the taps' fading the fine structure of the voice. Words stay. The ratio wanders slowly, so that
 * no single factor turns it back.
 */
export const RATIO = 0.75
/** How far the ratio wanders to either side, and how long one wandering takes. */
export const WANDER = 0.03
const WANDER_SECONDS = 7.3
const GRAIN_SECONDS = 0.06

export class LowerVoice {
  private readonly past: Float32Array
  private readonly grain: number
  private written = 0
  private phase = 0
  private turned: number

  constructor(private readonly rate: number, turned = 0) {
    this.grain = Math.round(GRAIN_SECONDS * rate)
    this.past = new Float32Array(2 ** Math.ceil(Math.log2(this.grain + 4)))
    this.turned = turned
  }

  /** Writes the changed voice of `input` into `output`; both mono, of one length, -1 to 1. */
  process(input: Float32Array, output: Float32Array): void {
    const mask = this.past.length - 1
    for (let i = 0; i < input.length; i += 1) {
      this.past[this.written & mask] = input[i]!
      const ratio = RATIO + WANDER * Math.sin(2 * Math.PI * this.turned)
      this.turned = (this.turned + 1 / (WANDER_SECONDS * this.rate)) % 1
      this.phase = (this.phase + (1 - ratio) / this.grain) % 1
      output[i] = this.tap(this.phase, mask) + this.tap((this.phase + 0.5) % 1, mask)
      this.written += 1
    }
  }

  /** The past at a delay that grows over one grain, faded in and out so that its jump back is silent. */
  private tap(phase: number, mask: number): number {
    const at = this.written - phase * this.grain
    const before = Math.floor(at)
    const part = at - before
    const value = this.past[before & mask]! * (1 - part) + this.past[(before + 1) & mask]! * part
    return value * Math.sin(Math.PI * phase) ** 2
  }
}
