import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, ref, shallowRef } from 'vue'
import { useSignIn } from '@/api/session'
import { i18n, switchLang } from '@/i18n'
import { stepOf } from '@/room/commands'
import { emptyView } from '@/room/fold'
import type { Command, RoomView, SeatView } from '@/room/types'
import { ROOM, type Room } from '@/room/useRoom'
import HoldNotice from './HoldNotice.vue'
import MemberFoot from './MemberFoot.vue'
import OfficeSeats from './OfficeSeats.vue'
import RoomBar from './RoomBar.vue'

const aSeat = (seat: string, more: Partial<SeatView> = {}): SeatView => ({
  seat, alias: `专家${seat}`, kind: 'expert', may_lead: true, replaces: null, void: false, void_ground: null, checked_in_at: 'x', undertaken: true, declared: true, answers: null,
  voted_round: 0, sealed_at: null, commitment: null, sheet_index: null, returned: null, faults: [], time_asked: false, signature: null, asked_at: null, ...more,
})

let sent: Command[]
function aRoom(view: Partial<RoomView>, seat: string | null, role: 'seat' | 'clerk' = seat ? 'seat' : 'clerk'): Room {
  const whole = shallowRef<RoomView>({ ...emptyView(), phase: 'scoring', leader: 'e1', bidders: [{ id: 'b1', name: '甲公司', unified_credit_code: null, price_fen: null }], ...view })
  const mine = computed(() => whole.value.seats.find((one) => one.seat === seat) ?? null)
  const room: Partial<Room> = {
    evaluationId: 'ev', view: whole, viewer: shallowRef({ role, seat }), seat: mine, step: computed(() => stepOf(whole.value, mine.value)), standing: ref('open'), known: ref(true),
    online: shallowRef([]), progress: shallowRef([]), elsewhere: ref(false), calm: computed(() => true), skew: ref(0),
    send: async (command) => (sent.push(command), 1),
  }
  return room as Room
}
const pinia = createPinia()
let shown: VueWrapper | null = null
function show(component: Parameters<typeof mount>[0], room: Room): VueWrapper {
  shown = mount(component, { attachTo: document.body, global: { plugins: [i18n, pinia], provide: { [ROOM as symbol]: room }, stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
  return shown
}
const find = <T extends HTMLElement>(selector: string): T | null => document.body.querySelector<T>(selector)

beforeEach(() => {
  document.body.innerHTML = '<main id="main"></main>' // where dialogs go
  sent = []
  switchLang('zh-CN')
})
afterEach(() => {
  shown?.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('a conflict noticed late (R-REC-21b)', () => {
  it('is declared with bidder, ground and the typed word, and not before', async () => {
    show(MemberFoot, aRoom({ seats: [aSeat('e1'), aSeat('e2')] }, 'e2'))
    find('[data-testid="recuse"]')!.click()
    await flushPromises()
    const act = [...document.querySelectorAll<HTMLButtonElement>('button.danger')].at(-1)!
    expect(act.disabled).toBe(true)
    const word = find<HTMLInputElement>('form input[autocomplete="off"]')!
    word.value = '回避'
    word.dispatchEvent(new Event('input'))
    await flushPromises()
    expect(act.disabled).toBe(true)
    const select = shown!.findAllComponents({ name: 'ElSelect' })[0]!
    select.vm.$emit('update:modelValue', 'b1')
    const ground = find<HTMLTextAreaElement>('[data-testid="recuse-ground"]')!
    ground.value = ' 配偶任职 '
    ground.dispatchEvent(new Event('input'))
    await flushPromises()
    expect(act.disabled).toBe(false)
    act.form!.dispatchEvent(new Event('submit', { cancelable: true }))
    await flushPromises()
    expect(sent).toEqual([{ type: 'room.recuse', bidder: 'b1', ground: '配偶任职' }])
  })

  it('has its place while the room is paused, and none before the declaration or after the seat is void', () => {
    const paused = { by: 'clerk', ground: 'overnight' as const, note: '', at: '2026-11-24T07:30:00Z' }
    const cases: [Partial<RoomView>, boolean][] = [
      [{ seats: [aSeat('e2')], paused }, true],
      [{ seats: [aSeat('e2')], phase: 'report' }, true],
      [{ seats: [aSeat('e2', { declared: false })] }, false],
      [{ seats: [aSeat('e2', { void: true })] }, false],
      [{ seats: [aSeat('e2')], phase: 'closed' }, false],
    ]
    for (const [view, there] of cases) {
      show(MemberFoot, aRoom(view, 'e2'))
      expect(find('[data-testid="recuse"]') !== null).toBe(there)
      shown!.unmount()
    }
  })
})

describe('what whoever leads must know', () => {
  it('is told at more than a third that the time is too short (R-EVAL-3)', () => {
    const asked = (n: number) => ({ seats: ['e1', 'e2', 'e3'].map((seat, i) => aSeat(seat, { time_asked: i < n })) })
    for (const [n, seat, told] of [[1, null, false], [2, null, true], [2, 'e1', true], [2, 'e2', false]] as const) {
      show(HoldNotice, aRoom(asked(n), seat))
      expect(find('[data-testid="time-short"]') !== null).toBe(told)
      shown!.unmount()
    }
  })

  it('is told when half of the members dissent (R-EVAL-12)', () => {
    const dissents = (n: number) => ({ phase: 'report' as const, seats: ['e1', 'e2', 'e3', 'e4'].map((seat, i) => aSeat(seat, { signature: i < n ? 'dissented' : 'signed' })) })
    for (const [n, told] of [[1, false], [2, true]] as const) {
      show(HoldNotice, aRoom(dissents(n), null))
      expect(find('[data-testid="no-majority"]') !== null).toBe(told)
      shown!.unmount()
    }
  })
})

describe('a vacated seat of an owner’s representative', () => {
  const gone = aSeat('o1', { kind: 'owner_representative', void: true })

  it('is given to another one by the clerk', async () => {
    const calls: [string, string, unknown][] = []
    vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
      calls.push([String(path), init?.method ?? 'GET', init?.body ? JSON.parse(String(init.body)) : null])
      return new Response(JSON.stringify(init?.method === 'POST' ? {} : { accounts: [{ id: 'ac_2', display: '乙' }] }), { status: 200, headers: { 'Content-Type': 'application/json' } })
    })
    show(OfficeSeats, aRoom({ seats: [aSeat('e1'), gone], replacing: ['o1'] }, null))
    find('[data-testid="appoint-o1"]')!.click()
    await flushPromises()
    shown!.findComponent({ name: 'ElSelect' }).vm.$emit('update:modelValue', 'ac_2')
    await flushPromises()
    find<HTMLButtonElement>('[data-testid="appoint-submit"]')!.form!.dispatchEvent(new Event('submit', { cancelable: true }))
    await flushPromises()
    expect(calls.map(([path, method]) => `${method} ${path}`)).toEqual(['GET /api/owner-representatives', 'POST /api/evaluations/ev/representatives'])
    expect(calls[1]![2]).toEqual({ seat: 'o1', account_id: 'ac_2' })
  })

  it('is offered for a representative only, and only while it is empty', () => {
    for (const [seat, replacing] of [[gone, []], [aSeat('o1', { void: true }), ['o1']]] as const) {
      show(OfficeSeats, aRoom({ seats: [aSeat('e1'), seat], replacing: [...replacing] }, null))
      expect(find('[data-testid="appoint-o1"]')).toBeNull()
      shown!.unmount()
    }
  })
})

it('the bar of the room says whether this is a demonstration', () => {
  const signIn = useSignIn(pinia)
  for (const demonstration of [true, false]) {
    signIn.me = { account: null, permissions: [], demonstration }
    show(RoomBar, aRoom({ seats: [aSeat('e1')] }, 'e1'))
    expect(find('[data-testid="demonstration"]') !== null).toBe(demonstration)
    shown!.unmount()
  }
})
