/** What the API says of standing and of cases. */
import type { components } from '@/contract/openapi'

type Schemas = components['schemas']
export type Proposal = Schemas['ProposalsOut']['proposals'][number]
export type Measure = Schemas['MeasureOut']
export type Measures = Schemas['MeasuresOut']
export type Exits = Schemas['ExitsOut']
export type Exit = Schemas['ExitOut']
export type Departure = Schemas['DepartureOut']
export type Terms = Schemas['TermsIn']
export type Case = Schemas['CaseOut']
export type CaseLine = Schemas['CaseLineOut']
export type CaseStep = Schemas['ActOut']
export type Link = Case['links'][number]
export type Document = CaseStep['documents'][number]
export type Standing = Schemas['StandingOut']
export type Found = Schemas['FoundOut']
export type StandingChanges = Schemas['StandingChangesOut']
