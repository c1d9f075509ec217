/** §9: the 21 checks in their order. The first that fails is the verdict; nothing after it is run. */
import { Case, LogSilent, type Asked } from './case'
import { attemptFirstFeasible, beaconSigned, openingIncluded, resultCommitted, revealChain, stepNextFeasible, tipSigned } from './checks-draw'
import { assuranceMet, bundleForm, manifestForm, policyPinned } from './checks-form'
import { checkpointConsistent, checkpointSigned, drawSequence, entryIncluded, entryManifest, logComplete, orderBeacon, orderFreeze, snapshotAge } from './checks-log'
import { memberNamed } from './checks-member'

export type { Asked } from './case'

type Check = (c: Case) => Promise<void | 'passed' | 'not checked' | 'withheld'>

export const CHECKS = {
  'bundle.form': bundleForm,
  'policy.pinned': policyPinned,
  'manifest.form': manifestForm,
  'checkpoint.signed': checkpointSigned,
  'checkpoint.consistent': checkpointConsistent,
  'entry.included': entryIncluded,
  'entry.manifest': entryManifest,
  'draw.sequence': drawSequence,
  'snapshot.age': snapshotAge,
  'tip.signed': tipSigned,
  'reveal.chain': revealChain,
  'order.freeze': orderFreeze,
  'order.beacon': orderBeacon,
  'beacon.signed': beaconSigned,
  'opening.included': openingIncluded,
  'result.committed': resultCommitted,
  'attempt.first_feasible': attemptFirstFeasible,
  'step.next_feasible': stepNextFeasible,
  'assurance.met': assuranceMet,
  'member.named': memberNamed,
  'log.complete': logComplete,
} satisfies Record<string, Check>

export type CheckName = keyof typeof CHECKS
export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[]

export type Outcome = 'passed' | 'failed' | 'not run' | 'not checked' | 'withheld'
export interface CheckResult {
  name: CheckName
  outcome: Outcome
  /** Why it failed, for auditors; "" otherwise. */
  detail: string
}
export interface Verdict {
  verdict: 'passed' | 'failed' | 'incomplete'
  /** Name of the check that failed, or null. */
  failed: CheckName | null
  checks: CheckResult[]
  /** What the file holds, as far as the checks came. */
  about: Case
}
export interface Progress {
  (name: CheckName, outcome: Outcome | 'running'): void | Promise<void>
}

/** Verifies a bundle. Never throws for what the file holds; the progress callback may wait, so that people can follow. */
export async function verify(bytes: Uint8Array, asked: Asked, progress: Progress = () => undefined): Promise<Verdict> {
  const about = new Case(bytes, asked)
  const checks: CheckResult[] = []
  let failed: CheckName | null = null
  for (const name of CHECK_NAMES) {
    if (failed) {
      checks.push({ name, outcome: 'not run', detail: '' })
      await progress(name, 'not run')
      continue
    }
    await progress(name, 'running')
    const result = await run(name, about)
    if (result.outcome === 'failed') failed = name
    // What was asked for and could not be done leaves the verdict open; reading the log need not be asked for.
    if (result.outcome === 'not checked' && (name !== 'log.complete' || asked.log)) about.notChecked.add(name)
    checks.push(result)
    await progress(name, result.outcome)
  }
  return { verdict: failed ? 'failed' : about.notChecked.size > 0 ? 'incomplete' : 'passed', failed, checks, about }
}

async function run(name: CheckName, about: Case): Promise<CheckResult> {
  try {
    return { name, outcome: (await (CHECKS[name] as Check)(about)) ?? 'passed', detail: '' }
  } catch (cause) {
    if (cause instanceof LogSilent) return { name, outcome: 'not checked', detail: cause.message }
    // Whatever a file makes a check throw, it has not passed.
    return { name, outcome: 'failed', detail: cause instanceof Error ? cause.message : String(cause) }
  }
}
