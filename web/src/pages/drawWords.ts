/** The one sentence of a draw, its rail and its tag: shared by centre, clerk and supervisor. Never a count, never a name. */
import type { Composer } from 'vue-i18n'
import type { DrawOut, DrawState, RailName } from '@/api/shapes'
import type { RailStep } from '@/components/StateRail.vue'
import type { IconName } from '@/components/icons'
import { clock, day, sameDay } from '@/time'
import { currentLang } from '@/i18n'
import { refusalWords } from '@/words'
import { namesOf, regionRuleWords } from './regionRules'

type Translate = Composer['t']

export const RAIL: readonly RailName[] = ['filed', 'frozen', 'shares', 'drawn', 'notified', 'sealed', 'unsealed']
const REACHED: Record<DrawState, number> = {
  filed: 0, tips: 0, admission: 0, frozen: 1, revealing: 2, drawn: 3, inviting: 4, sealed: 5, unsealed: 6, aborted: -1, refused: -1,
}
const ICON: Record<RailName, IconName> = {
  filed: 'file', frozen: 'lock', shares: 'key', drawn: 'people', notified: 'phone', sealed: 'lock', unsealed: 'unlock',
}
export const OVER: readonly DrawState[] = ['unsealed', 'aborted', 'refused']

/** "14:20" today, else with the day. */
export function when(at: string): string {
  return sameDay(at, new Date()) ? clock(at) : `${day(at, currentLang())} ${clock(at)}`
}

/** Where a draw stands in a word. An unsealed draw is never called sealed: all its seats are settled, no more. */
const shownState = (draw: Pick<DrawOut, 'state' | 'sealed'>): string => (draw.state === 'sealed' && !draw.sealed ? 'settled' : draw.state)
export const stateWord = (draw: Pick<DrawOut, 'state' | 'sealed'>, t: Translate): string => t(`draw.state.${shownState(draw)}`)

/** A draw whose names nobody may see yet, but whose committee stands. */
export const isSealed = (state: DrawState): boolean => ['drawn', 'inviting', 'sealed'].includes(state)

export function railOf(draw: DrawOut, t: Translate): RailStep[] {
  const times = new Map(draw.rail.map((step) => [step.step, step.at]))
  const stopped = REACHED[draw.state] === -1
  const done = RAIL.reduce((last, name, i) => (times.get(name) ? i : last), 0)
  const now = stopped ? Math.min(done + 1, RAIL.length - 1) : REACHED[draw.state]
  return RAIL.map((name, i) => {
    const at = times.get(name)
    const state = stateOf(i, now, stopped, draw.state)
    return { key: name, label: t(`draw.rail.${name === 'sealed' && !draw.sealed ? 'settled' : name}`), note: noteOf(name, state, at, draw, t), state, icon: name === 'sealed' && !draw.sealed ? 'people' : ICON[name], seal: name === 'sealed' && draw.sealed && state === 'now' }
  })
}

function stateOf(i: number, now: number, stopped: boolean, state: DrawState): RailStep['state'] {
  if (i < now || state === 'unsealed') return 'done'
  if (i > now) return 'next'
  return stopped ? 'failed' : 'now'
}

function noteOf(name: RailName, state: RailStep['state'], at: string | null | undefined, draw: DrawOut, t: Translate): string {
  if (state === 'now') return t('draw.rail_now')
  if (at) return clock(at, true)
  if (state === 'failed') return t(`draw.state.${draw.state}`)
  if (name === 'drawn' && state === 'next') return when(draw.draw_at)
  if (name === 'unsealed' && state === 'next') return when(draw.unseal_after)
  return ''
}

/** Title and sentence: where it stands and what comes next. */
export function headline(draw: DrawOut, t: Translate): { title: string; lead: string } {
  const facts = { draw_at: when(draw.draw_at), latest: when(draw.latest_draw_at), unseal: when(draw.unseal_after), starts: when(draw.starts_at) }
  const title = !draw.sealed && (draw.state === 'drawn' || draw.state === 'inviting') ? 'draw.headline.unsealed_inviting' : `draw.headline.${shownState(draw)}.title`
  const lead = draw.redraw ? 'draw.headline.aborted.seated' : `draw.headline.${shownState(draw)}.lead`
  return { title: t(title, facts), lead: t(lead, facts) }
}

/** "3 members keep their seats from draw 1": how many of each draw of the section, never who. */
export function keptLine(draw: DrawOut, t: Translate): string {
  const seqs = [...new Set(draw.kept)].sort((a, b) => a - b)
  return seqs.map((seq) => t('draw.kept.from', { seq, n: draw.kept.filter((one) => one === seq).length })).join(t('draw.kept.join'))
}

export const TONE: Record<DrawState, string> = {
  filed: '', tips: 'info', admission: 'info', frozen: 'info', revealing: 'info', drawn: 'info', inviting: 'info', sealed: 'ok', unsealed: 'ok', aborted: 'alarm', refused: 'alarm',
}

/** Seats of experts, to be drawn or kept; owner's representatives are not among them. */
export const drawnSeats = (draw: Pick<DrawOut, 'slots' | 'kept'>): number => draw.slots.reduce((sum, slot) => sum + slot.seats, draw.kept.length)

/** Why a draw ended. A request refused at the freeze carries the refusal: its words, and the way out. */
export function endingWords(draw: DrawOut, t: Translate): { why: string; way_out: string } {
  const { reason, facts } = draw.abort!
  const words = draw.state === 'refused' ? refusalWords(reason, spokenFacts(draw, facts, t)) : null
  return words ? { why: words.sentence, way_out: words.way_out } : { why: t(`draw.abort.${reason}`), way_out: '' }
}

/** Facts of a refusal that name a part of this request: the tightest rule, a slot. */
function spokenFacts(draw: DrawOut, facts: Record<string, unknown>, t: Translate): Record<string, unknown> {
  const spoken = { ...facts }
  const slot = typeof facts.slot === 'number' ? draw.slots[facts.slot] : undefined
  if (slot) spoken.slot = namesOf(slot.names)
  const named = /^regions\[(\d+)\]$/.exec(String(facts.tightest))
  const rule = named ? draw.region_rules[Number(named[1])] : undefined
  if (rule) spoken.tightest = regionRuleWords(rule, drawnSeats(draw), t)
  else if (facts.tightest) spoken.tightest = t(`draw.tightest.${String(facts.tightest)}`)
  return spoken
}

/** The draw certificate as PDF; there is one from unsealing on. */
export const certificateOf = (drawId: string): string => `/api/public/draws/${encodeURIComponent(drawId)}/certificate`
/** What anybody needs to check the draw again, without names. */
export const bundleOf = (drawId: string): string => `/api/public/draws/${encodeURIComponent(drawId)}/bundle`
