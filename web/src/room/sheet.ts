/** A member's unfinished sheet: cells by bidder and criterion, kept as a draft, turned into the sheet that is sealed. */
import { isFull } from './score'
import type { Anchor, Criteria, Sheet } from './types'

export interface Cell { score: string | null; reason: string; pages: Anchor[] }
export interface Draft { v: 1; criteria_sha256: string; cells: Record<string, Cell> }

/** Characters of a draft that the room keeps (PROTOCOL.md, 3); more is refused here, in words. */
export const MAX_DRAFT = 2 ** 20

export const cellKey = (bidder: string, criterion: string): string => `${bidder}/${criterion}`
export const emptyCell = (): Cell => ({ score: null, reason: '', pages: [] })
export const emptyDraft = (criteria_sha256: string): Draft => ({ v: 1, criteria_sha256, cells: {} })

/** The saved draft, or an empty one when it is unreadable or belongs to other criteria. */
export function readDraft(text: string | null, criteria_sha256: string): Draft {
  if (text === null) return emptyDraft(criteria_sha256)
  try {
    const found = JSON.parse(text) as Draft
    if (found.v === 1 && found.criteria_sha256 === criteria_sha256 && typeof found.cells === 'object' && found.cells !== null) return found
  } catch {
    return emptyDraft(criteria_sha256)
  }
  return emptyDraft(criteria_sha256)
}

export type CellState = 'empty' | 'reason_missing' | 'done'
export function stateOf(cell: Cell | undefined, max: string): CellState {
  if (!cell || cell.score === null) return 'empty'
  return isFull(cell.score, max) || cell.reason.trim() ? 'done' : 'reason_missing'
}

export interface Count { scored: number; done: number; of: number; reasons: number }
export function countOf(draft: Draft, criteria: Criteria, bidders: readonly { id: string }[]): Count {
  const count = { scored: 0, done: 0, of: bidders.length * criteria.criteria.length, reasons: 0 }
  for (const bidder of bidders)
    for (const criterion of criteria.criteria) {
      const state = stateOf(draft.cells[cellKey(bidder.id, criterion.id)], criterion.max)
      if (state !== 'empty') count.scored += 1
      if (state === 'done') count.done += 1
      if (state === 'reason_missing') count.reasons += 1
    }
  return count
}

/** The sheet as PROTOCOL.md section 5 orders it; throws when a cell is not done. */
export function sheetOf(draft: Draft, about: { evaluation_id: string; seat: string; criteria: Criteria; bidders: readonly { id: string }[] }): Sheet {
  const marks = about.bidders.flatMap((bidder) =>
    about.criteria.criteria.map((criterion) => {
      const cell = draft.cells[cellKey(bidder.id, criterion.id)]
      if (stateOf(cell, criterion.max) !== 'done') throw new RangeError(`${bidder.id}/${criterion.id} is not done`)
      const pages = cell!.pages.map(({ document_id, page }) => ({ document_id, page }))
      return { bidder: bidder.id, criterion: criterion.id, score: cell!.score!, reason: cell!.reason.trim(), pages }
    }),
  )
  return { v: 1, evaluation_id: about.evaluation_id, seat: about.seat, criteria_sha256: draft.criteria_sha256, marks }
}
