/** The holder's desk: signed in by key, answers its duties while the page is open. Where Vue meets the holder. */
import { onScopeDispose, reactive, ref, shallowRef } from 'vue'
import { api, Refusal, send } from '@/api/client'
import { toHex } from '@/draw/bytes'
import {
  anchorOf, checkAdmission, checkReveal, cosign, makeTip, NotConsistent, signedAbort, signedAdmission,
  type AbortDuty, type Admission, type AdmissionDuty, type CheckpointDuty, type DutyCheck, type Holder, type RevealDuty, type TipDuty,
} from './duty'
import { signInMessage, type OwnKey } from './file'
import { openJournal } from './journal'

interface Duties {
  now: string
  tips: TipDuty[]
  admissions: AdmissionDuty[]
  reveals: RevealDuty[]
  /** The supervisor alone is asked to sign aborts. */
  aborts?: AbortDuty[]
  checkpoint: CheckpointDuty | null
}
interface SignedIn {
  token: string
  /** How long the token is good for. */
  seconds: number
  party: string
  witness: { name: string; key: string } | null
}
/** One draw's work as the page shows it. */
export interface Task {
  id: string
  kind: 'tip' | 'admission' | 'reveal' | 'abort'
  drawId: string
  j: number
  /** waiting: not its turn; asking: a person must press; refused: a check does not hold, nothing was sent. */
  state: 'waiting' | 'asking' | 'sent' | 'refused'
  checks: DutyCheck[]
  /** Reason of an abort. */
  reason: string
  /** What an admission lets the committee be. */
  committee: Admission['committee'] | null
  at: Date
}

const EVERY_SECONDS = 2

export function useHolder() {
  const holder = shallowRef<Holder | null>(null)
  const witness = shallowRef<SignedIn['witness']>(null)
  const cosigned = ref<{ size: number; at: Date } | null>(null)
  const unattended = ref(false)
  const elsewhere = ref(false)
  const alarm = ref<'not_consistent' | 'trust_changed' | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const offline = ref(false)
  const tasks = reactive(new Map<string, Task>())
  /** What happens when the person presses the button of a task. */
  const acts = new Map<string, () => Promise<void>>()
  let token = ''
  let renewAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let letGo: () => void = () => undefined

  /** Signs in and begins to work. One tab per key: two would race for the journal. */
  async function begin(own: OwnKey): Promise<void> {
    elsewhere.value = !(await held(`expert-draw.holder.${own.key}`))
    if (elsewhere.value) return
    try {
      await navigator.storage?.persist?.()
      const signedIn = await signIn(own)
      witness.value = signedIn.witness?.key === own.key ? signedIn.witness : null
      const policy = await api.get<Record<string, unknown>>('/api/holders/policy', { token })
      const journal = await openJournal(own.key)
      const anchor = (await journal.trusted()) ?? anchorOf(policy)
      await journal.keepTrusted(anchor)
      holder.value = { party: signedIn.party, own, policy, anchor, journal, now: () => Date.now() / 1000 }
    } catch (cause) {
      end()
      throw cause
    }
    await loop()
  }

  const held = (name: string): Promise<boolean> =>
    new Promise((resolve) => {
      void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<void>((free) => (letGo = free))
      })
    })

  async function signIn(own: OwnKey): Promise<SignedIn> {
    const { challenge } = await api.post<{ challenge: string }>('/api/holders/challenge', { key: own.key })
    const signature = toHex(await own.sign(signInMessage(challenge)))
    const signedIn = await api.post<SignedIn>('/api/holders/sign-in', { key: own.key, challenge, signature })
    token = signedIn.token
    // well before it is over: a press must not meet a token that has just ended
    renewAt = Date.now() + 750 * signedIn.seconds
    return signedIn
  }

  async function loop(): Promise<void> {
    const me = holder.value
    if (!me) return
    try {
      if (Date.now() >= renewAt) await signIn(me.own)
      await round(me)
      refusal.value = null
      offline.value = false
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      offline.value = cause.code === 'client.offline'
      if (cause.status === 401) await signIn(me.own).catch(() => (refusal.value = cause))
      else if (!offline.value) refusal.value = cause
    } finally {
      if (holder.value) timer = setTimeout(() => void loop(), EVERY_SECONDS * 1000)
    }
  }

  async function round(me: Holder): Promise<void> {
    const seen = await me.journal.witnessed(String(me.policy.origin))
    const duties = await api.get<Duties>('/api/holders/duties', { token, query: { witnessed: seen?.size ?? 0 } })
    me.policy = await api.get('/api/holders/policy', { token })
    // Another log or other witnesses than before: nothing is answered until a person has accepted them.
    if (anchorOf(me.policy) !== me.anchor) return void (alarm.value = 'trust_changed')
    for (const duty of duties.tips) await giveTip(me, duty)
    for (const duty of duties.admissions) await admit(me, duty)
    if (duties.checkpoint && witness.value) await witnessed(me, duties.checkpoint)
    for (const duty of duties.aborts ?? []) askAbort(me, duty)
    for (const duty of duties.reveals) await consider(me, duty)
    const live = new Set([...duties.admissions.map((one) => `admission:${one.draw_id}:0`), ...duties.reveals.map((one) => `reveal:${one.draw_id}:${one.j}`), ...(duties.aborts ?? []).map((one) => `abort:${one.draw_id}:0`)])
    for (const task of tasks.values()) if (!live.has(task.id) && task.state !== 'sent') forget(task.id)
  }

  /** What is no longer asked is no longer shown, unless it was answered here. */
  function forget(id: string): void {
    tasks.delete(id)
    acts.delete(id)
  }

  async function acceptTrust(): Promise<void> {
    if (!holder.value) return
    holder.value.anchor = anchorOf(holder.value.policy)
    await holder.value.journal.keepTrusted(holder.value.anchor)
    alarm.value = null
  }

  function show(kind: Task['kind'], drawId: string, j: number, state: Task['state'], told: Partial<Pick<Task, 'checks' | 'reason' | 'committee'>> = {}): void {
    const id = `${kind}:${drawId}:${j}`
    tasks.set(id, { id, kind, drawId, j, state, checks: [], reason: '', committee: null, ...told, at: tasks.get(id)?.at ?? new Date() })
  }

  async function giveTip(me: Holder, duty: TipDuty): Promise<void> {
    const { tip, sig } = await makeTip(duty, me)
    await api.post('/api/holders/tips', { draw_id: duty.draw_id, tip, sig }, { token })
    show('tip', duty.draw_id, 0, 'sent')
  }

  const hatOf = async (drawId: string, slot: number): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await send('GET', `/api/holders/hats/${encodeURIComponent(drawId)}/${slot}`, { token })).arrayBuffer())

  async function admit(me: Holder, duty: AdmissionDuty): Promise<void> {
    const known = tasks.get(`admission:${duty.draw_id}:0`)?.state
    if (known === 'refused' || (known === 'asking' && !unattended.value)) return
    const { checks, ready, committee } = await checkAdmission(duty, (slot) => hatOf(duty.draw_id, slot), me)
    if (!ready) return show('admission', duty.draw_id, 0, 'refused', { checks })
    const sign = async (): Promise<void> => {
      const { draw_id, M, accepted } = duty
      await api.post('/api/holders/admissions', { draw_id, M, accepted, sig: await signedAdmission(duty, me) }, { token })
      show('admission', draw_id, 0, 'sent', { checks, committee })
    }
    if (unattended.value) return sign()
    acts.set(`admission:${duty.draw_id}:0`, sign)
    show('admission', duty.draw_id, 0, 'asking', { checks, committee })
  }

  async function witnessed(me: Holder, duty: CheckpointDuty): Promise<void> {
    try {
      const line = await cosign(duty, witness.value!, me)
      await api.post('/api/holders/cosignatures', { size: duty.size, line }, { token })
      cosigned.value = { size: duty.size, at: new Date() }
    } catch (cause) {
      // A log that does not grow out of itself is the one thing a witness is for: shown, never signed.
      if (!(cause instanceof NotConsistent)) throw cause
      alarm.value = 'not_consistent'
    }
  }

  async function consider(me: Holder, duty: RevealDuty): Promise<void> {
    if (!duty.turn) return show('reveal', duty.draw_id, duty.j, 'waiting')
    const { ready, checks } = await checkReveal(duty, me)
    if (!ready) return show('reveal', duty.draw_id, duty.j, 'refused', { checks })
    if (duty.j > 0 || unattended.value) return letShareGo(me, duty)
    acts.set(`reveal:${duty.draw_id}:${duty.j}`, () => letShareGo(me, duty))
    show('reveal', duty.draw_id, duty.j, 'asking', { checks })
  }

  /** Checks once more, for the page may have stood open for long; then the journal, then the network. */
  async function letShareGo(me: Holder, duty: RevealDuty): Promise<void> {
    const { ready, checks, record, y } = await checkReveal(duty, me)
    if (!ready) return show('reveal', duty.draw_id, duty.j, 'refused', { checks })
    // After a crash between these two lines the value is only sent again to the same manifest.
    await me.journal.keepTip(record)
    await api.post('/api/holders/reveals', { draw_id: duty.draw_id, j: duty.j, y }, { token })
    show('reveal', duty.draw_id, duty.j, 'sent', { checks })
  }

  function askAbort(me: Holder, duty: AbortDuty): void {
    acts.set(`abort:${duty.draw_id}:0`, async () => {
      const { draw_id, reason, party } = duty
      await api.post('/api/holders/aborts', { draw_id, reason, party, sig: await signedAbort(duty, me.own) }, { token })
      show('abort', draw_id, 0, 'sent', { reason })
    })
    show('abort', duty.draw_id, 0, 'asking', { reason: duty.reason })
  }

  /** The person presses the button of a task. */
  async function release(id: string): Promise<void> {
    const act = acts.get(id)
    acts.delete(id)
    try {
      await act?.()
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      refusal.value = cause
    }
  }

  function end(): void {
    clearTimeout(timer)
    holder.value = null
    token = ''
    letGo()
  }
  onScopeDispose(end)
  return { holder, witness, cosigned, unattended, elsewhere, alarm, refusal, offline, tasks, begin, release, acceptTrust, end }
}
