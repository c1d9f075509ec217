import { describe, expect, it } from 'vitest'
import { Refusal } from '@/api/client'
import { grouped, keyIn, samePerson, withRoleWords } from './words'

const KEY = '3a376fa4d8e5b66e4f2c7763d60e2a7e9806bd54852811d08299ab2d8eb992a7'
const OTHER = KEY.replace('3a37', '3a38')
const inGroups = KEY.match(/.{4}/g)!.join(' ')

describe('the key in what a holder hands over', () => {
  it.each([
    ['as the program prints it', `${KEY}\n`],
    ['in capitals', KEY.toUpperCase()],
    ['in groups of four', inGroups],
    ['as a JSON line', `{"party": "centre", "key": "${KEY}"}`],
    ['among words', `交易中心的公钥：${inGroups}\n请登记`],
    ['said twice, once in groups', `${KEY}\n(${inGroups})`],
    ['broken over two lines', `${KEY.slice(0, 32)}\n${KEY.slice(32)}`],
  ])('is found %s', (_how, text) => expect(keyIn(text)).toBe(KEY))

  it.each([
    ['nothing', ''],
    ['one digit short', KEY.slice(1)],
    ['one digit long', `${KEY}0`],
    ['two different keys', `${KEY}\n${OTHER}`],
    ['a signature of 128 digits', KEY + KEY],
    ['a letter that is no digit', KEY.replace('3a', '3g')],
  ])('is not found in %s', (_what, text) => expect(keyIn(text)).toBeNull())
})

describe('the tables of roles and accounts', () => {
  it('group permissions by their area, each once', () => {
    const roles = [{ role: 'a', permissions: ['draw.read', 'self'], incompatible_with: [] }, { role: 'b', permissions: ['draw.check', 'draw.read'], incompatible_with: [] }]
    expect(grouped(roles)).toEqual([{ area: 'draw', permissions: ['draw.check', 'draw.read'] }, { area: 'self', permissions: ['self'] }])
  })

  it('mark only accounts that share a person with another one', () => {
    const accounts = [{ id: '1', person: 'x' }, { id: '2', person: null }, { id: '3', person: 'x' }, { id: '4', person: 'y' }, { id: '5', person: null }]
    expect([...samePerson(accounts)]).toEqual(['1', '3'])
  })

  it('put words where a refusal names roles, and leave the rest', () => {
    const refusal = withRoleWords(new Refusal(409, 'accounts.roles_incompatible', 'R-SOD-1', { held: 'clerk', wanted: 'supervisor', n: 2 }), (role) => `<${role}>`)
    expect([refusal.facts, refusal.rule, refusal.status]).toEqual([{ held: '<clerk>', wanted: '<supervisor>', n: 2 }, 'R-SOD-1', 409])
  })
})
