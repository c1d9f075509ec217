/** A verification as a page shows it: files in, checks ticking, verdict. */
import { computed, ref, shallowRef } from 'vue'
import { fingerprint } from './base32'
import { PINNED_POLICIES } from './pinned'
import type { PublicLog } from './case'
import { CHECK_NAMES, verify, type CheckName, type Outcome, type Verdict } from './verify'

export interface Asking {
  purpose: 'production' | 'test'
  /** Policy hash from the certificate, or "". */
  policy: string
  /** Also read this server's log from the freeze on. */
  online: boolean
}

const calm = (): boolean => !window.matchMedia('(prefers-reduced-motion: reduce)').matches
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** `log` reads the log on line where a verification asks for it. */
export function useVerify(log?: () => PublicLog) {
  const states = ref(new Map<CheckName, Outcome | 'running'>())
  const verdict = shallowRef<Verdict | null>(null)
  const seconds = ref(0)
  const running = ref(false)
  let round = 0

  async function run(bundle: Uint8Array, identities: Uint8Array | null, asking: Asking): Promise<void> {
    const mine = ++round
    const began = performance.now()
    states.value = new Map()
    verdict.value = null
    running.value = true
    const pinned = [...PINNED_POLICIES, ...(asking.policy ? [asking.policy] : [])]
    const found = await verify(
      bundle,
      { purpose: asking.purpose, pinned: asking.purpose === 'test' && !asking.policy ? [] : pinned, ...(identities ? { identities } : {}), ...(asking.online && log ? { log: log() } : {}) },
      async (name, outcome) => {
        if (mine !== round) return
        states.value = new Map(states.value).set(name, outcome)
        // One tick per check, so that a person can follow; the time stated leaves the pauses out.
        if (outcome !== 'running' && outcome !== 'not run' && calm()) await pause(PAUSE)
      },
    )
    if (mine !== round) return
    const pauses = calm() ? found.checks.filter((check) => check.outcome !== 'not run').length * PAUSE : 0
    seconds.value = Math.max(0.1, (performance.now() - began - pauses) / 1000)
    verdict.value = found
    running.value = false
  }

  /** What the file says about itself, as far as the checks established it. */
  const about = computed(() => {
    const found = verdict.value?.about
    if (!found?.manifest || found.checkpoints.length === 0) return null
    const { project, section, seq } = found.manifest.draw
    return { project, section, seq, M: found.M, size: found.last.size, fingerprint: fingerprint(found.last.root), frozenAt: timeOrNull(found), day: found.manifest.day, assurance: found.assurance, seats: found.seats.length, steps: found.steps }
  })

  return { names: CHECK_NAMES, states, verdict, seconds, running, about, run }
}

const PAUSE = 45

function timeOrNull(found: Verdict['about']): number | null {
  return found.freeze ? found.timesOf(found.freeze.index).oldest : null
}
