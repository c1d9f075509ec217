/** Questions and totals of the toy, by the rules of the room (evaluation_room/core/scoring.py): exact, one rounding half up. */
import { parseScore, spellScore } from '@/room/score'
import type { Criteria, Flag, OpenedSheet, Results, ScoreAmended } from '@/room/types'

export interface Bid { id: string; price_fen: number }
export interface Scored { criteria: Criteria; bidders: readonly Bid[]; sheets: readonly OpenedSheet[]; amended: readonly ScoreAmended[] }

const units = (score: string): bigint => parseScore(score)!
const SCALE = 10_000n

/** A member's score as it stands now. */
export function scoreOf(of: Scored, seat: string, bidder: string, criterion: string): string {
  const changed = of.amended.filter((one) => one.seat === seat && one.bidder === bidder && one.criterion === criterion).at(-1)
  return changed?.after ?? of.sheets.find((one) => one.seat === seat)!.sheet.marks.find((one) => one.bidder === bidder && one.criterion === criterion)!.score
}

/** Twice the median, so that a middle between two scores stays whole. */
function middle2(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const half = sorted.length >> 1
  return sorted.length % 2 ? 2n * sorted[half]! : sorted[half - 1]! + sorted[half]!
}

/** Objective scores that differ; subjective ones further than 30 % of the full mark from the median of three or more. */
export function flagsOf(of: Scored): Flag[] {
  return of.bidders.flatMap((bidder) =>
    of.criteria.criteria.flatMap((item): Flag[] => {
      const values = of.sheets.map(({ seat }) => ({ seat, score: scoreOf(of, seat, bidder.id, item.id) }))
      const about = { bidder: bidder.id, criterion: item.id, values }
      if (item.kind === 'objective')
        return new Set(values.map((one) => one.score)).size > 1 ? [{ ...about, id: `objective_mismatch/${bidder.id}/${item.id}`, kind: 'objective_mismatch', seat: null }] : []
      if (values.length < 3) return []
      const twice = middle2(values.map((one) => units(one.score)))
      const far = (score: string): boolean => {
        const gap = 2n * units(score) - twice
        return 10n * (gap < 0n ? -gap : gap) > 2n * 3n * units(item.max)
      }
      return values.filter((one) => far(one.score)).map(({ seat }) => ({ ...about, id: `outlier/${bidder.id}/${item.id}/${seat}`, kind: 'outlier', seat }))
    }),
  )
}

/** numerator / denominator with two digits, half up. */
function figure(numerator: bigint, denominator: bigint): string {
  const hundredths = (numerator * 200n + denominator) / (2n * denominator)
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`
}

/** Price scores (base / bid × weight), means, totals and the ranking by published total, then price. */
export function resultsOf(of: Scored): Results {
  const base_fen = Math.min(...of.bidders.map((one) => one.price_fen))
  const weight = units(of.criteria.price_weight)
  const members = BigInt(of.sheets.length)
  const totals = of.bidders.map(({ id: bidder, price_fen }) => {
    const sums = of.sheets.map(({ seat }) => ({ seat, sum: of.criteria.criteria.reduce((all, item) => all + units(scoreOf(of, seat, bidder, item.id)), 0n) }))
    const mean = sums.reduce((all, one) => all + one.sum, 0n)
    const price = BigInt(base_fen) * weight
    const bid = BigInt(price_fen)
    return {
      bidder,
      members: sums.map(({ seat, sum }) => ({ seat, sum: spellScore(sum) })),
      mean: figure(mean, members * SCALE),
      price: figure(price, bid * SCALE),
      total: figure(mean * bid + price * members, members * bid * SCALE),
    }
  })
  const key = (bidder: string): [bigint, number] => [units(totals.find((one) => one.bidder === bidder)!.total), of.bidders.find((one) => one.id === bidder)!.price_fen]
  const before = (a: string, b: string): boolean => {
    const [x, y] = [key(a), key(b)]
    return x[0] !== y[0] ? x[0] > y[0] : x[1] < y[1]
  }
  const ids = of.bidders.map((one) => one.id)
  const ranking = ids
    .map((bidder) => ({ bidder, rank: 1 + ids.filter((one) => before(one, bidder)).length, tied: ids.some((one) => one !== bidder && !before(one, bidder) && !before(bidder, one)) }))
    .sort((a, b) => a.rank - b.rank)
  return { base_fen, prices: of.bidders.map(({ id, price_fen }, i) => ({ bidder: id, price_fen, score: totals[i]!.price })), totals, ranking }
}
