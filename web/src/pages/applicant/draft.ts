/** The draft of a draw request: kept in this tab, always well-formed enough to be checked by the server. */
import { reactive, ref, watch } from 'vue'
import { newKey } from '@/api/act'
import type { DrawOut, DrawRequestIn, Party, PartyKind, RegionRule } from '@/api/shapes'
import { later, soon } from '@/wall'
import { bare, type Specialty } from './classification'

const STORED = 'expert-draw.draft'

export interface DraftSlot {
  code: string
  name: string
  /** Names of the levels above, outermost first. */
  path: string[]
  seats: number
}
/** So many of all drawn members from these provinces, or from outside them. */
export interface DraftRegionRule {
  set: string[]
  outside: boolean
  bound: 'least' | 'most' | 'exactly'
  members: number
}
export const MOST_REGION_RULES = 3

export interface Draft {
  request_key: string
  project_code: string
  project_name: string
  section: string
  regime: string
  slots: DraftSlot[]
  regions: string[]
  region_rules: DraftRegionRule[]
  committee_size: number
  owner_representatives: string[]
  parties: Party[]
  draw_at: string
  latest_draw_at: string
  starts_at: string
  unseal_after: string
  unsealed: boolean
  place: string
  contact: string
  /** A redraw of the open seats of this draw; all that its kept members agreed to stays as it was. */
  redraw: { id: string; seq: number; kept: number; open: number; region_rules: RegionRule[] } | null
}

export const emptyParty = (kind: PartyKind): Party => ({ kind, unified_credit_code: '', name: '' })

export function freshDraft(): Draft {
  const draw_at = soon(60, true)
  return {
    request_key: newKey(), project_code: '', project_name: '', section: '1', regime: 'ZB', slots: [], regions: [], region_rules: [], committee_size: 5,
    owner_representatives: [], parties: [emptyParty('procuring_entity'), emptyParty('agency'), emptyParty('bidder')], unsealed: false, place: '', contact: '',
    draw_at, latest_draw_at: later(draw_at, 30), starts_at: later(draw_at, 120), unseal_after: later(draw_at, 120), redraw: null,
  }
}

/** The draft of a redraw: as it was filed, with the open seats alone and a new time to draw them. */
export function redrawDraft(asked: DrawRequestIn, before: DrawOut, known: ReadonlyMap<string, Specialty>): Draft {
  const draw_at = soon(5)
  const latest = later(draw_at, 30)
  const slots = asked.slots.map(({ codes, seats }): DraftSlot => ({ code: codes[0]!, name: known.get(codes[0]!)?.name ?? bare(codes[0]!), path: known.get(codes[0]!)?.path ?? [], seats }))
  return {
    request_key: newKey(), project_code: asked.project_code, project_name: asked.project_name, section: asked.section, regime: asked.regime,
    slots, regions: asked.slots[0]?.regions ?? [], region_rules: [], committee_size: asked.committee_size, owner_representatives: asked.owner_representatives, parties: asked.parties,
    draw_at, latest_draw_at: latest < asked.starts_at ? latest : asked.starts_at, starts_at: asked.starts_at, unseal_after: asked.unseal_after,
    unsealed: asked.demands.includes('unsealed'),
    place: asked.place, contact: asked.contact,
    redraw: { id: before.id, seq: before.seq, kept: before.redraw?.kept ?? 0, open: before.redraw?.open ?? 0, region_rules: asked.region_rules },
  }
}

function stored(): Draft {
  const text = sessionStorage.getItem(STORED)
  if (text === null) return freshDraft()
  try {
    return { ...freshDraft(), ...(JSON.parse(text) as Draft) }
  } catch {
    return freshDraft()
  }
}

export function useDraft() {
  const draft = reactive(stored())
  const savedAt = ref<string | null>(null)
  watch(draft, () => {
    sessionStorage.setItem(STORED, JSON.stringify(draft))
    savedAt.value = new Date().toISOString()
  })
  function forget(): void {
    sessionStorage.removeItem(STORED)
    Object.assign(draft, freshDraft())
  }
  return { draft, savedAt, forget }
}

/** A unified social credit code (GB 32100-2015): 18 characters, the last one is a check character. */
export function isCreditCode(text: string): boolean {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  if (!/^[0-9A-HJ-NP-RTUWXY]{18}$/.test(text)) return false
  const sum = [...text.slice(0, 17)].reduce((total, char, i) => total + alphabet.indexOf(char) * (3 ** i % 31), 0)
  return alphabet[(31 - (sum % 31)) % 31] === text[17]
}

export const seatsOf = (draft: Draft): number => draft.slots.reduce((sum, slot) => sum + slot.seats, 0)
export const keptOf = (draft: Draft): number => draft.redraw?.kept ?? 0
export const filledParties = (draft: Draft): Party[] => draft.parties.filter((party) => party.name.trim() || party.unified_credit_code.trim())

/** A rule as the server takes it: members outside a set are all drawn members but those inside it. */
export function regionRuleOf(rule: DraftRegionRule, seats: number): RegionRule {
  const least = rule.bound === 'most' ? 0 : rule.members
  const most = rule.bound === 'least' ? seats : rule.members
  const [min, max] = rule.outside ? [seats - most, seats - least] : [least, most]
  return { set: [...rule.set].sort(), min, max }
}
const fits = (rule: RegionRule, seats: number): boolean => rule.set.length > 0 && rule.min >= 0 && rule.max >= rule.min && rule.max <= seats

/** The region rules of a draft; a redraw keeps those that its kept members were drawn under. */
export const regionRulesOf = (draft: Draft): RegionRule[] => draft.redraw?.region_rules ?? draft.region_rules.map((rule) => regionRuleOf(rule, seatsOf(draft)))

/** What goes to the server; `forCheck` fills what a later step will ask, so that composition can be checked early. */
export function requestOf(draft: Draft, forCheck = false): DrawRequestIn {
  const text = (value: string): string => value.trim() || (forCheck ? '-' : '')
  const regionRules = regionRulesOf(draft)
  return {
    request_key: draft.request_key, project_code: text(draft.project_code), project_name: text(draft.project_name), section: text(draft.section),
    regime: draft.regime, purpose: 'EVALUATE',
    slots: draft.slots.map((slot) => ({ codes: [slot.code], seats: slot.seats, regions: [...draft.regions] })),
    committee_size: draft.committee_size, owner_representatives: [...draft.owner_representatives],
    parties: filledParties(draft).map((party) => ({ ...party, name: party.name.trim(), unified_credit_code: party.unified_credit_code.trim() })),
    draw_at: draft.draw_at, latest_draw_at: draft.latest_draw_at, starts_at: draft.starts_at, unseal_after: draft.unseal_after,
    place: text(draft.place), contact: text(draft.contact),
    demands: draft.unsealed ? ['unsealed'] : [],
    region_rules: forCheck ? regionRules.filter((rule) => fits(rule, seatsOf(draft) + keptOf(draft))) : regionRules,
  }
}

/** Rules that judge what a later step asks; before that they wait and stop nothing. */
export const judgedLater = (step: StepName, rule: string): boolean => step === 'composition' && rule.startsWith('R-REC-')

export type StepName = 'project' | 'composition' | 'parties' | 'time' | 'review'
export const STEPS: readonly StepName[] = ['project', 'composition', 'parties', 'time', 'review']

/** Locale keys (applicant.missing.*) of what a step still needs; empty = it may be left. */
export function missing(step: StepName, draft: Draft, now = Date.now()): string[] {
  const found: [boolean, string][] = {
    project: [[!draft.project_code.trim(), 'project_code'], [!draft.project_name.trim(), 'project_name'], [!draft.section.trim(), 'section']],
    composition: [[draft.slots.length === 0, 'slots'], [draft.redraw === null && seatsOf(draft) + draft.owner_representatives.length !== draft.committee_size, 'committee'],
      [draft.redraw !== null && seatsOf(draft) !== draft.redraw.open, 'open_seats'], [draft.redraw !== null && seatsOf(draft) + keptOf(draft) + draft.owner_representatives.length !== draft.committee_size, 'committee_kept'],
      [draft.region_rules.some((rule) => !fits(regionRuleOf(rule, seatsOf(draft)), seatsOf(draft))), 'region_rules']],
    parties: [
      [!filledParties(draft).some((party) => party.kind === 'procuring_entity'), 'procuring_entity'],
      [filledParties(draft).some((party) => !party.name.trim() || !isCreditCode(party.unified_credit_code.trim())), 'credit_code'],
    ],
    time: [
      [Date.parse(draft.draw_at) <= now, 'draw_passed'],
      [!(draft.draw_at <= draft.latest_draw_at && draft.latest_draw_at <= draft.starts_at && draft.starts_at <= draft.unseal_after), 'time_order'],
      [!draft.place.trim(), 'place'], [!draft.contact.trim(), 'contact'],
    ],
    review: [],
  }[step] as [boolean, string][]
  return found.filter(([wrong]) => wrong).map(([, key]) => key)
}
