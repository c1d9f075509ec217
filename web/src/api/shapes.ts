/** What the API sends and takes (the HTTP contract, v1). Times are ISO-8601 Z, money integer fen, scores decimal strings. */

export type DrawState =
  | 'filed' | 'tips' | 'admission' | 'frozen' | 'revealing' | 'drawn' | 'inviting' | 'sealed' | 'unsealed' | 'aborted' | 'refused'
export type RailName = 'filed' | 'frozen' | 'shares' | 'drawn' | 'notified' | 'sealed' | 'unsealed'
export type Band = 'ample' | 'some' | 'few' | 'none'
export type PartyKind = 'bidder' | 'procuring_entity' | 'agency'

export interface Party {
  kind: PartyKind
  unified_credit_code: string
  name: string
}

export interface SlotIn {
  codes: string[]
  seats: number
  regions: string[]
}

/** A rule for all drawn members together: `min` to `max` of them from the provinces of `set`. */
export interface RegionRule {
  set: string[]
  min: number
  max: number
}

export interface DrawRequestIn {
  request_key: string
  project_code: string
  project_name: string
  section: string
  regime: string
  purpose: 'EVALUATE'
  slots: SlotIn[]
  committee_size: number
  owner_representatives: string[]
  parties: Party[]
  draw_at: string
  latest_draw_at: string
  starts_at: string
  unseal_after: string
  place: string
  contact: string
  region_rules: RegionRule[]
  demands: string[]
}

export interface CheckedRefusal {
  code: string
  rule: string | null
  facts: Record<string, unknown>
  way_out_codes?: string[]
}
export interface RuleOutcome {
  rule: string
  outcome: 'pass' | 'fail' | 'unverified'
  facts: Record<string, unknown>
}
export interface DrawCheckOut {
  admissible: boolean
  slots: { band: Band; refusal: CheckedRefusal | null }[]
  rules: RuleOutcome[]
}

export interface DrawOut {
  id: string
  project_code: string
  project_name: string
  section: string
  regime: string
  purpose: string
  state: DrawState
  state_since: string
  next: { what: string; at: string | null } | null
  rail: { step: RailName; at: string | null }[]
  slots: { codes: string[]; names: string[]; seats: number }[]
  region_rules: (RegionRule & { names: string[] })[]
  committee_size: number
  owner_representatives: string[]
  draw_at: string
  latest_draw_at: string
  starts_at: string
  unseal_after: string
  place: string
  contact: string
  M: string | null
  /** The lists that the freeze used: their day and hash. */
  lists: { day: string; hash: string } | null
  log_index: number | null
  checkpoint: { size: number; root: string; fingerprint: string; cosigned: number } | null
  /** False: the vault reveals with the others, so the result can be computed before unsealing. */
  sealed: boolean
  shares: { party: string; body: string; home: string; given: boolean; sealed: boolean }[]
  abort: { reason: string; party: string | null; rule: string | null; facts: Record<string, unknown> } | null
  evaluation_id: string | null
  /** Which draw of the section this is, and for each member who keeps a seat which one drew them. */
  seq: number
  kept: number[]
  /** The draw whose members keep their seats in this one. */
  before: string | null
  /** What an ended draw leaves to a redraw; null where there is none. */
  redraw: { kept: number; open: number; waiting: number } | null
}

export interface SupervisorDraw {
  draw: DrawOut
  request: Record<string, unknown> & { parties?: Party[] }
  funnel: { stage: string; rule: string | null; n: number }[]
  chances: {
    accepted: number
    of: number
    hats: { slot: number; n: number; max: number }[]
    regions: { region: string; share: number; mean: number }[]
  } | null
  trail: { index: number; at: string; type: string; words_facts: Record<string, unknown> }[]
  declines: { step: number; seat: number; class: string; at: string; index: number }[]
  committee: { slot: number; position: number; tag: string; org: string; region: string }[] | null
  handle: string | null
  requester: { checks: number; checks_in_all: number; refused: number; refused_in_all: number; aborted_in_all: number }
  /** Why the draw may be set aside now; null: it may not. */
  may_set_aside: 'members_seated' | 'supervisor_silent' | null
  recompute_ready: boolean
}
export interface RecomputeOut {
  checks: { name: string; outcome: 'ok' | 'fail' | 'not_run'; detail: string }[]
}

export interface Invitation {
  id: string
  state: 'invited' | 'accepted' | 'declined' | 'unanswered' | 'replaced' | 'released'
  starts_at: string
  place: string
  contact: string
  reply_by: string
  invited_at: string
  evaluation_id: string | null
}
export const DECLINE_REASONS = ['conflict', 'illness', 'duty', 'travel', 'other'] as const
export type DeclineReason = (typeof DECLINE_REASONS)[number]

export interface MyRecord {
  standing: { standing: string; rule: string; until: string | null }
  entries: { id: string; at: string; kind: string; facts: Record<string, unknown>; dispute: string | null }[]
}
export interface MyEvaluation {
  evaluation_id: string
  starts_at: string
  place: string
  phase: string
  can_enter: boolean
}

export interface Bidder {
  id?: string
  name: string
  unified_credit_code: string
  price_fen: number
}
export interface Criterion {
  id: string
  title: string
  max: string
  step: string
  kind: 'subjective' | 'objective'
  guide: string
}
export interface Criteria {
  purchase?: 'goods' | 'services' | null
  price_weight: string
  criteria: Criterion[]
}
export interface EvaluationDocument {
  document_id: string
  kind: 'tender' | 'bid'
  bidder_id: string | null
  title: string
  sha256: string
  pages: number
  bytes: number
}
export interface EvaluationOut {
  id: string
  draw_id: string
  title: string
  project: { project_code: string; project_name: string; section: string; regime: string } | null
  starts_at: string | null
  place: string
  phase: string
  phase_at: string | null
  paused: boolean
  stopped: boolean
  created_at: string
  bidders: (Bidder & { id: string })[]
  documents: EvaluationDocument[]
  criteria: Criteria | null
  criteria_sha256: string | null
  digest: string | null
  seats: { seat: string; alias: string; kind: 'expert' | 'owner_representative'; checked_in_at: string | null; void: string | null; replaces: string | null }[]
  report_sha256: string | null
  final_report_sha256: string | null
}
export interface RoomLogEntry {
  index: number
  seq: number
  type: string
  at: string
  facts: Record<string, unknown>
}

export interface PoolSummary {
  experts: number
  generated: number
  regions: { region: string; name: string; n: number }[]
  standings: { standing: string; n: number }[]
  snapshot: { epoch: number; n: number; root: string; at: string; index: number } | null
}
export interface ImportProblem {
  sheet: string
  row: number
  column: string
  code: string
  value_hint: string
  facts: Record<string, unknown>
}
export interface PoolImport {
  id: string
  file: string
  state: 'running' | 'completed' | 'refused' | 'interrupted'
  phase: string
  done: number
  total: number
  began_at: string | null
  ended_at: string | null
  imported: number
  skipped: number
  problem_count: number
  problems: ImportProblem[]
  listed?: { sheet: string; row: number }[]
  error: { code: string; facts: Record<string, string | number> } | null
}

export interface PoolExpert {
  expert_id: string
  region: string
  codes: string[]
  title: string
  employer: string
  unified_credit_code: string
  valid_to: string
  standing: string
  admitted_at: string
  generated: boolean
}

export interface AccountOut {
  id: string
  username: string
  role: string
  display: string
  expert_id: string | null
  has_password: boolean
  created_at: string
  disabled_at: string | null
}
export interface HolderParty {
  party: string
  body: string
  home: 'own' | 'page'
  key: string | null
  witness: string | null
}
