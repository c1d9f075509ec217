import { expect, it } from 'vitest'
import { calendarOf } from './calendar'

const invitation = { id: 'in_1', starts_at: '2026-11-24T07:30:00Z', place: '市民中心三楼, 第三评标室；靠近南门\n请走东侧电梯', contact: '0571-1', project: '排水管网' }
const file = calendarOf(invitation, '专家工作安排', new Date('2026-11-20T01:02:03.456Z'))
const unfolded = file.replaceAll('\r\n ', '')

it('holds time and place and nothing else of the invitation', () => {
  expect(unfolded).toContain('DTSTART:20261124T073000Z\r\n')
  expect(unfolded).toContain('DTSTAMP:20261120T010203Z\r\n')
  expect(unfolded).toContain('LOCATION:市民中心三楼\\, 第三评标室；靠近南门\\n请走东侧电梯\r\n')
  expect(unfolded).toContain('SUMMARY:专家工作安排\r\n')
  for (const secret of ['排水管网', '0571']) expect(file).not.toContain(secret)
})

it('keeps the form of RFC 5545: line ends, and no line above 75 octets', () => {
  expect(file.startsWith('BEGIN:VCALENDAR\r\n')).toBe(true)
  expect(file.endsWith('END:VCALENDAR\r\n')).toBe(true)
  for (const line of file.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
  expect(file.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
})
