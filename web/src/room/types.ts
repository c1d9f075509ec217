/** Wire shapes of room/1 (evaluation_room/PROTOCOL.md): frames, shown events, the view they fold to. */
import type { ServerMediaFrame } from './mediaFrames'

export type Phase = 'preparing' | 'check_in' | 'undertaking' | 'recusal' | 'leader' | 'scoring' | 'summary' | 'report' | 'closed'
export const PHASES: readonly Phase[] = ['preparing', 'check_in', 'undertaking', 'recusal', 'leader', 'scoring', 'summary', 'report', 'closed']
export type SeatKind = 'expert' | 'owner_representative'
export const PAUSE_GROUNDS = ['technical_fault', 'supervision_order', 'interference', 'discipline', 'emergency', 'overnight', 'document_defect', 'other'] as const
export type PauseGround = (typeof PAUSE_GROUNDS)[number]
export const VOID_GROUNDS = ['found_conflict', 'absent', 'left', 'health', 'misconduct'] as const
export type VoidGround = (typeof VOID_GROUNDS)[number] | 'declared_conflict'

export interface Criterion { id: string; title: string; max: string; step: string; kind: 'subjective' | 'objective'; guide: string }
export type Purchase = 'goods' | 'services'
export interface Criteria { price_weight: string; criteria: Criterion[]; purchase?: Purchase | null }
export interface Project { project_code: string; project_name: string; section: string; regime: string }
export interface RoomDocument { document_id: string; kind: 'tender' | 'bid'; bidder_id: string | null; title: string; sha256: string; pages: number; bytes: number }
export interface Anchor { document_id: string; page: number }
export interface Mark { bidder: string; criterion: string; score: string; reason: string; pages: Anchor[] }
export interface Sheet { v: 1; evaluation_id: string; seat: string; criteria_sha256: string; marks: Mark[] }
export interface OpenedSheet { seat: string; index: number; commitment: string; salt: string; sheet: Sheet }
export interface SheetFault { code: string; bidder: string | null; criterion: string | null }
export interface RecusalAnswer { bidder: string; conflict: boolean; ground: string }
export interface Flag { id: string; kind: 'objective_mismatch' | 'outlier'; bidder: string; criterion: string; seat: string | null; values: { seat: string; score: string }[] }
export interface Results {
  base_fen: number
  prices: { bidder: string; price_fen: number; score: string }[]
  totals: { bidder: string; members: { seat: string; sum: string }[]; mean: string; price: string; total: string }[]
  ranking: { bidder: string; rank: number; tied: boolean }[]
}
export interface BallotsCounted { type: 'room.ballots_counted'; round: number; tally: { seat: string; votes: number }[]; elected: string | null; how: 'majority' | 'most_votes' | 'seat_order' | 'next_round' }
export interface ScoreAmended { type: 'room.score_amended'; seat: string; bidder: string; criterion: string; before: string; after: string; reason: string; open_flags: string[] }
export interface ScoreExplained { type: 'room.score_explained'; seat: string; bidder: string; criterion: string; reason: string; open_flags: string[] }

export interface SeatView {
  seat: string; alias: string; kind: SeatKind; may_lead: boolean; replaces: string | null; void: boolean; void_ground: VoidGround | null
  checked_in_at: string | null; undertaken: boolean; declared: boolean; answers: RecusalAnswer[] | null; voted_round: number
  sealed_at: string | null; commitment: string | null; sheet_index: number | null; returned: 'unreadable' | 'does_not_match' | 'invalid' | null
  faults: SheetFault[]; time_asked: boolean; signature: 'signed' | 'dissented' | 'deemed' | null; asked_at: string | null
}
export interface BidderView { id: string; name: string; unified_credit_code: string | null; price_fen: number | null }
export interface Hold { by: string; ground: PauseGround; note: string; at: string }
export interface ReportView { sha256: string; size: number; root: string; at: string; index: number; completed_sha256: string | null }
export interface Remark { seat: string; text: string; at: string }
export interface RoomView {
  seq: number; evaluation_id: string | null; starts_at: string | null; place: string | null; title: string | null; project: Project | null
  phase: Phase; phase_at: string | null; paused: Hold | null; stopped: Hold | null; replacing: string[]; digest: string | null; opening_key: string | null
  seats: SeatView[]; leader: string | null; round: number; counted: BallotsCounted[]; my_choice: string | null
  undertaking: string | null; undertaking_sha256: string | null; criteria: Criteria | null; criteria_sha256: string | null
  bidders: BidderView[]; documents: RoomDocument[]; sheets: OpenedSheet[]; flags: Flag[]; open_flags: string[]
  amended: ScoreAmended[]; explained: ScoreExplained[]; results: Results | null; report: ReportView | null; dissents: Remark[]; interference: Remark[]
}

type SeatNamed = Pick<SeatView, 'seat' | 'alias' | 'kind' | 'may_lead'>
export type RoomEvent =
  | { type: 'room.planned'; evaluation_id: string; starts_at: string; place: string; title?: string | null; project?: Project | null }
  | { type: 'room.bidders_listed'; bidders: { id: string; name: string; unified_credit_code: string; price_fen: number }[] }
  | { type: 'room.document_filed'; document: RoomDocument }
  | { type: 'room.criteria_signed'; criteria: Criteria; sha256: string }
  | { type: 'room.made_ready'; digest: string; opening_key: string; seats: SeatNamed[] }
  | { type: 'room.phase_entered'; phase: Phase; by: string }
  | { type: 'room.checked_in'; seat: string }
  | { type: 'room.brief_shown'; title: string; project: Project; criteria: Criteria; criteria_sha256: string; undertaking: string; undertaking_sha256: string }
  | { type: 'room.undertaking_signed'; seat: string }
  | { type: 'room.bidders_shown'; bidders: { id: string; name: string }[] }
  | { type: 'room.recusal_declared'; seat: string; answers?: RecusalAnswer[] | null }
  | { type: 'room.documents_shown'; documents: RoomDocument[] }
  | { type: 'room.seat_voided'; seat: string; ground?: VoidGround | null; note?: string | null }
  | ({ type: 'room.seat_replaced'; replaces: string } & SeatNamed)
  | { type: 'room.ballot_cast'; seat: string; round: number; choice?: string | null }
  | BallotsCounted
  | { type: 'room.sheet_sealed'; seat: string; commitment: string }
  | { type: 'room.all_sheets_sealed'; seats: string[] }
  | { type: 'room.sheet_returned'; seat: string; ground: NonNullable<SeatView['returned']>; faults?: SheetFault[] }
  | { type: 'room.sheets_opened'; sheets: OpenedSheet[] }
  | { type: 'room.flags_raised'; flags: Flag[] }
  | ScoreAmended
  | ScoreExplained
  | { type: 'room.results_computed'; results: Results }
  | { type: 'room.report_issued'; sha256: string; size: number; root: string }
  | { type: 'room.report_signed'; seat: string }
  | { type: 'room.report_dissented'; seat: string; reasons: string }
  | { type: 'room.signature_asked'; seat: string; by: string }
  | { type: 'room.consent_deemed'; seat: string }
  | { type: 'room.report_completed'; sha256: string; size: number; root: string }
  | { type: 'room.paused'; by: string; ground: PauseGround; note: string }
  | { type: 'room.resumed'; by: string; note: string }
  | { type: 'room.stopped'; by: string; ground: PauseGround; note: string }
  | { type: 'room.handed_over'; by: string; key: string; note: string }
  | { type: 'room.time_asked'; seat: string }
  | { type: 'room.interference_reported'; seat: string; text: string }

/** One event of the viewer's own gapless stream; `index` is the log index of the fact behind it. */
export interface Told { seq: number; at: string; index: number; event: RoomEvent }
export interface Fault { code: string; rule: string | null; facts: Record<string, unknown> }
export interface Viewer { role: 'seat' | 'clerk' | 'supervisor'; seat: string | null }
export interface Progress { seat: string; done: number; of: number }

export type ServerFrame =
  | { type: 'welcome'; protocol: 'room/1'; viewer: Viewer; stream: string; now: string; heartbeat_seconds: number; resumed: boolean }
  | { type: 'snapshot'; seq: number; view: RoomView }
  | ({ type: 'event' } & Told)
  | { type: 'done'; id: string; seq: number }
  | { type: 'refused'; id: string; error: Fault }
  | { type: 'error'; id?: string | null; error: Fault }
  | { type: 'draft'; revision: number; draft: string | null; saved_at: string | null }
  | { type: 'presence'; online: string[]; progress: Progress[] }
  | { type: 'pong'; now: string }
  | { type: 'bye'; error: Fault }
  | ServerMediaFrame

export interface Envelope { v: 1; eph: string; wrapped: string; iv: string; ct: string }
export type Command =
  | { type: 'room.check_in' }
  | { type: 'room.sign_undertaking'; text_sha256: string }
  | { type: 'room.declare_recusal'; answers: RecusalAnswer[] }
  | { type: 'room.recuse'; bidder: string; ground: string }
  | { type: 'room.vote'; round: number; choice: string }
  | { type: 'room.save_draft'; revision: number; done: number; draft: string }
  | { type: 'room.submit_sheet'; commitment: string; envelope: Envelope }
  | { type: 'room.amend_score'; bidder: string; criterion: string; score: string; reason: string }
  | { type: 'room.explain_score'; bidder: string; criterion: string; reason: string }
  | { type: 'room.advance'; leaving: Phase }
  | { type: 'room.sign_report'; report_sha256: string }
  | { type: 'room.dissent_report'; report_sha256: string; reasons: string }
  | { type: 'room.ask_signature'; seat: string }
  | { type: 'room.mark_absent'; seat: string }
  | { type: 'room.void_seat'; seat: string; ground: (typeof VOID_GROUNDS)[number]; note: string }
  | { type: 'room.pause'; ground: PauseGround; note: string }
  | { type: 'room.resume'; note: string }
  | { type: 'room.stop'; ground: PauseGround; note: string }
  | { type: 'room.ask_time' }
  | { type: 'room.report_interference'; text: string }
