/** What the API says of standing and of cases. */
import type { components } from '@/contract/openapi'

type Schemas = components['schemas']
export type Proposal = Schemas['blacklist__schemas__ProposalOut']
export type Measure = Schemas['MeasureOut']
export type Measures = Schemas['MeasuresOut']
export type Exits = Schemas['ExitsOut']
export type Exit = Schemas['ExitOut']
export type Departure = Schemas['DepartureOut']
export type Terms = Schemas['TermsIn']
