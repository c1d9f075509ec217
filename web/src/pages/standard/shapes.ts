/** What the API says of versions, crosswalks and remappings. */
import type { components } from '@/contract/openapi'

type Schemas = components['schemas']
export type Version = Schemas['VersionOut']
export type Edition = Schemas['EditionOut']
export type Proposal = Schemas['classification__edition_schemas__ProposalOut']
export type Difference = Schemas['DifferenceOut']
export type Walk = Schemas['CrosswalkOut']
export type WalkRow = Schemas['RowOut']
export type WalkDetail = Schemas['RowDetailOut']
export type Found = Schemas['SpecialtyFoundOut']
export type Detail = Schemas['SpecialtyDetailOut']
export type RemapReport = Schemas['RemapOut']
export type RegionDetail = Schemas['RegionDetailOut']
export type Change = Schemas['Change']

export interface CellProblem {
  row: number
  column: string
  code: string
  facts: Record<string, unknown>
}

export const bare = (code: string): string => code.split(':').at(-1) ?? code
/** The order in which people want to read a difference: what takes something away first. */
export const CHANGES: readonly Change[] = ['reused', 'removed', 'renamed', 'moved', 'added', 'status']
