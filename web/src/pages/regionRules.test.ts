import { beforeEach, describe, expect, it } from 'vitest'
import type { DrawOut } from '@/api/shapes'
import { i18n, switchLang } from '@/i18n'
import { freshDraft, missing, regionRuleOf, requestOf, type Draft, type DraftRegionRule } from './applicant/draft'
import { endingWords } from './drawWords'
import { regionRuleWords } from './regionRules'

const t = i18n.global.t as Parameters<typeof endingWords>[1]
beforeEach(() => switchLang('zh-CN'))

const rule = (change: Partial<DraftRegionRule>): DraftRegionRule => ({ set: ['500000', '110000'], outside: false, bound: 'least', members: 1, ...change })
const draftOf = (...rules: DraftRegionRule[]): Draft => ({
  ...freshDraft(),
  slots: [{ code: '2018:A08', name: '', path: [], seats: 5 }],
  owner_representatives: ['a', 'b'],
  committee_size: 7,
  region_rules: rules,
})

describe('a region rule of the committee', () => {
  it.each<[Partial<DraftRegionRule>, number, number]>([
    [{ bound: 'least', members: 2 }, 2, 5],
    [{ bound: 'most', members: 2 }, 0, 2],
    [{ bound: 'exactly', members: 2 }, 2, 2],
    [{ bound: 'least', members: 2, outside: true }, 0, 3],
    [{ bound: 'most', members: 2, outside: true }, 3, 5],
    [{ bound: 'exactly', members: 2, outside: true }, 3, 3],
  ])('%j of five is what the server reads', (change, min, max) => {
    expect(regionRuleOf(rule(change), 5)).toEqual({ set: ['110000', '500000'], min, max })
  })

  it('is asked for with the request, and holds it back while it is not filled in', () => {
    expect(requestOf(draftOf(rule({ members: 2 }))).region_rules).toEqual([{ set: ['110000', '500000'], min: 2, max: 5 }])
    expect(missing('composition', draftOf(rule({ members: 2 })))).toEqual([])
    for (const unfit of [rule({ set: [] }), rule({ members: 6 }), rule({ members: 6, outside: true })]) {
      expect(missing('composition', draftOf(unfit))).toEqual(['region_rules'])
      expect(requestOf(draftOf(unfit), true).region_rules).toEqual([])
    }
  })

  it('is said in words, with what is left for the others', () => {
    const names = ['北京市', '重庆市']
    const said = (min: number, max: number): string => regionRuleWords({ names, min, max }, 5, t)
    expect(said(2, 5)).toBe('抽取的 5 人中至少 2 人来自北京市、重庆市')
    expect(said(0, 2)).toBe('抽取的 5 人中至多 2 人来自北京市、重庆市，至少 3 人来自其他省份')
    expect(said(1, 2)).toBe('抽取的 5 人中 1 至 2 人来自北京市、重庆市，至少 3 人来自其他省份')
    expect(said(2, 2)).toBe('抽取的 5 人中恰好 2 人来自北京市、重庆市')
    expect(said(0, 0)).toBe('没有人来自北京市、重庆市')
    switchLang('en')
    expect(said(0, 2)).toBe('at most 2 of the 5 drawn from 北京市, 重庆市, at least 3 from other provinces')
  })
})

describe('why a request was not accepted', () => {
  const refused = (reason: string, facts: Record<string, unknown>): DrawOut =>
    ({
      state: 'refused',
      slots: [{ codes: ['2018:A08'], names: ['工程造价'], seats: 5 }],
      kept: [],
      region_rules: [{ set: ['110000'], names: ['北京市'], min: 0, max: 5 }, { set: ['500000'], names: ['重庆市'], min: 5, max: 5 }],
      abort: { reason, party: null, rule: null, facts },
    }) as unknown as DrawOut

  it('names the tightest rule as the applicant wrote it', () => {
    expect(endingWords(refused('draw.not_admitted', { tightest: 'regions[1]' }), t).why).toContain('抽取的 5 人中恰好 5 人来自重庆市')
    expect(endingWords(refused('draw.not_admitted', { tightest: 'org_cap' }), t).why).toContain('同一单位的人数上限')
    expect(endingWords(refused('draw.hat_too_small', { slot: 0, needed: 15 }), t).why).toContain('工程造价')
    expect(endingWords(refused('draw.region_rules_too_narrow', {}), t).way_out).not.toBe('')
  })

  it('is told in the words of an abort where the draw was stopped', () => {
    const stopped = { ...refused('missed_window', {}), state: 'aborted' } as DrawOut
    expect(endingWords(stopped, t)).toEqual({ why: '错过了抽取时间窗', way_out: '' })
  })
})
