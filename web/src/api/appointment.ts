/** What the doors of appointment send and take. */
export interface EvidenceDocument { sha256: string; kind: string; at: string }
export interface ClaimedItem {
  /** "2018:A080205", "title:高级职称" or "region:110000". */
  claim: string
  documents: EvidenceDocument[]
  verdict: '' | 'accepted' | 'rejected'
  reason: string
  reviewed_by: string
  reviewed_at: string | null
}
export interface Application {
  id: string
  extends: boolean
  state: 'filed' | 'returned' | 'refused' | 'approved'
  waits_for: '' | 'review' | 'approval' | 'filer'
  region: string
  employer: string
  unified_credit_code: string
  group_credit_code: string
  title: string
  years: number
  unit: string
  declared: string[]
  valid_to: string
  generated: boolean
  items: ClaimedItem[]
  filed_by: string
  filed_at: string
  reason: string
  decided_by: string
  decided_at: string | null
  expert_id: string
  bases: string[]
}
export interface ApplicantCheck {
  rule: string
  bases: string[]
  outcome: 'pass' | 'fail' | 'unverified'
  wanted: Record<string, string | number | boolean>
  there: Record<string, string | number | boolean>
}
export interface ShownApplication {
  application: Application
  checks: ApplicantCheck[]
  /** Kinds of the outside lists that name the person; null where no list is kept or asked. */
  outside: string[] | null
  may_approve: boolean
  in_hats_from: string | null
}
export interface Applications { applications: Application[]; counts: Record<string, number> }
export interface ApplicationForm {
  titles: string[]
  declarations: string[]
  document_kinds: string[]
  rejections: string[]
  returns: string[]
  refusals: string[]
  years_least: number
  second_level_most: number
  third_level_most: number
  quarantine_days: number
  profile_days: number
}
export interface FormerEmployer { name: string; unified_credit_code: string; from_on: string | null; to_on: string }
export interface Profile {
  expert_id: string
  employer: string
  unified_credit_code: string
  telephone: string
  region: string
  title: string
  codes: string[]
  valid_to: string
  former: FormerEmployer[]
  trained_on: string | null
  confirmed_on: string
  due_on: string
  training_due_on: string | null
  due_soon: boolean
  fault: { rule: string; since: string } | null
  bases: string[] | null
  asked: Application[]
}
/** A paper that has been uploaded and not yet been named by an application. */
export interface Paper { sha256: string; kind: string; name: string }
