/** The terms of a measure while somebody fills them in. */
import type { Measure, Terms } from './shapes'

export interface TermsForm {
  kind: string
  ground: string
  basis: string
  basis_sha256: string
  deciding_body: string
  starts_on: string
  ends_on: string | null
}

/** The day in China, which is where a measure begins. */
export const chinaToday = (): string => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

export const emptyTerms = (kind = ''): TermsForm => ({ kind, ground: '', basis: '', basis_sha256: '', deciding_body: '', starts_on: chinaToday(), ends_on: null })

/** The terms of a measure that is to be corrected. */
export const termsOf = (one: Measure): TermsForm => ({
  kind: one.kind, ground: one.ground, basis: one.basis, basis_sha256: one.basis_sha256, deciding_body: one.deciding_body, starts_on: one.starts_on, ends_on: one.ends_on,
})

export const complete = (form: TermsForm): boolean => [form.kind, form.ground, form.basis.trim(), form.deciding_body.trim(), form.starts_on].every(Boolean)

/** What is sent. */
export const sentTerms = (form: TermsForm): Terms => ({ ...form, kind: form.kind as Terms['kind'], basis: form.basis.trim(), deciding_body: form.deciding_body.trim(), ends_on: form.ends_on || null })
