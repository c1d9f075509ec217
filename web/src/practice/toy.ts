/** The toy project of the practice room: everything is made up, and stays in this browser. */
import { sha256, toHex } from '@/draw/bytes'
import { canon } from '@/draw/canon'
import type { Criteria, Mark, Project, RoomDocument, SeatView } from '@/room/types'

export const ME = 'e3'
/** The member whom the others elect when nobody else finds a majority. */
export const FAVOURITE = 'e2'
export const EVALUATION = 'practice'
export const TITLE = '练习项目：社区图书馆空调采购（虚构）'
export const PLACE = '练习室（只在您的浏览器里）'
export const PROJECT: Project = { project_code: 'LIANXI-000', project_name: TITLE, section: '1', regime: 'GP-OPEN' }

export const SEATS: readonly Pick<SeatView, 'seat' | 'alias' | 'kind' | 'may_lead'>[] = [1, 2, 3, 4, 5].map((n) => ({ seat: `e${n}`, alias: `专家${'ABCDE'[n - 1]}`, kind: 'expert' as const, may_lead: true }))
export const OTHERS = SEATS.map((one) => one.seat).filter((seat) => seat !== ME)

export const BIDDERS = [
  { id: 'a', name: '练习投标人甲（虚构）', price_fen: 48_000_000 },
  { id: 'b', name: '练习投标人乙（虚构）', price_fen: 45_000_000 },
] as const

export const CRITERIA: Criteria = {
  price_weight: '30',
  purchase: 'goods',
  criteria: [
    { id: 'plan', title: '供货与安装方案', max: '40', step: '1', kind: 'subjective', guide: '方案完整、工期可行得 31–40 分；较完整得 21–30 分；有明显缺漏得 0–20 分。' },
    { id: 'service', title: '售后服务', max: '20', step: '0.5', kind: 'subjective', guide: '响应时间、备件、培训都写明得 16–20 分；缺一项得 11–15 分；缺两项以上得 0–10 分。' },
    { id: 'record', title: '同类业绩', max: '10', step: '5', kind: 'objective', guide: '每提供一份有验收证明的同类合同得 5 分，最多 10 分。' },
  ],
}

/** Pages of each paper as practice_papers.py made them; the paper's file is named by its id. */
export const PAPERS = [
  { document_id: 'tender', kind: 'tender', bidder_id: null, title: '招标文件（练习）', pages: 2 },
  { document_id: 'bid-a', kind: 'bid', bidder_id: 'a', title: '投标文件（练习）', pages: 3 },
  { document_id: 'bid-b', kind: 'bid', bidder_id: 'b', title: '投标文件（练习）', pages: 3 },
] as const
export const DOCUMENTS: RoomDocument[] = PAPERS.map((one) => ({ ...one, sha256: '', bytes: 0 }))

/** What the other members give, criterion by criterion, for bidder a and b. */
const GIVEN: Record<string, readonly [readonly string[], readonly string[]]> = {
  e1: [['34', '17', '10'], ['29', '14.5', '5']],
  e2: [['33', '16.5', '10'], ['30', '15', '5']],
  e4: [['35', '18', '10'], ['28', '14', '5']],
  e5: [['32', '17.5', '10'], ['31', '13.5', '5']],
}
export const marksOf = (seat: string): Mark[] =>
  BIDDERS.flatMap((bidder, b) => CRITERIA.criteria.map((one, c) => ({ bidder: bidder.id, criterion: one.id, score: GIVEN[seat]![b]![c]!, reason: '练习用的理由。', pages: [] })))

/** The undertaking as it is signed in a real room, its heading marked; a test holds the two together. */
export const UNDERTAKING = `评标承诺书（练习，不具效力）

一、本人与投标人之间不存在应当回避的利害关系；如有，将立即说明并退出本次评标。
二、本人将按照招标文件（采购文件）规定的标准和方法独立评审，不与他人商定主观分，不发表倾向性意见。
三、本人不携带、不使用通讯和录音录像设备，只在本系统内与其他成员交流。
四、本人对每一项扣分写明理由，对评审意见承担个人责任。
五、本人不复制、不带走评审资料，不透露评审情况、委员会成员和推荐结果。
六、本人知道评标全程留痕；不签字又不书面说明理由的，视为同意评标结论。
`
export const criteriaHash = async (): Promise<string> => toHex(await sha256(canon(CRITERIA)))
