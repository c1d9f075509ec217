/** The moment that is shown: it runs while playing, at 1, 2 or 4 times the speed, and stops at the end. */
import { onScopeDispose, ref, type Ref } from 'vue'
import type { Span } from './timeline'

export const RATES = [1, 2, 4] as const
const TICK_MS = 100

export interface Playing {
  /** ms since 1970 */
  at: Ref<number>
  playing: Ref<boolean>
  rate: Ref<(typeof RATES)[number]>
  toggle: () => void
  faster: () => void
  seek: (at: number) => void
}

export function usePlaying(scale: () => Span | null, now: () => number = () => performance.now()): Playing {
  const at = ref(0)
  const playing = ref(false)
  const rate = ref<(typeof RATES)[number]>(1)
  let last = 0
  const timer = setInterval(() => {
    const span = scale()
    const time = now()
    if (playing.value && span) {
      at.value = Math.min(at.value + (time - last) * rate.value, span.to)
      if (at.value >= span.to) playing.value = false
    }
    last = time
  }, TICK_MS)
  onScopeDispose(() => clearInterval(timer))
  function seek(wanted: number): void {
    const span = scale()
    if (span) at.value = Math.min(Math.max(wanted, span.from), span.to)
  }
  function toggle(): void {
    const span = scale()
    if (!playing.value && span && at.value >= span.to) at.value = span.from
    last = now()
    playing.value = !playing.value
  }
  function faster(): void {
    rate.value = RATES[(RATES.indexOf(rate.value) + 1) % RATES.length]!
  }
  return { at, playing, rate, toggle, faster, seek }
}
