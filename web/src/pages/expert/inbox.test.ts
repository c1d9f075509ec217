import { describe, expect, it } from 'vitest'
import type { Invitation } from '@/api/shapes'
import { sortInbox } from './inbox'

const NOW = Date.parse('2026-03-02T06:00:00Z')
const one = (id: string, state: Invitation['state'], starts_at = '2026-03-02T07:30:00Z', reply_by = '2026-03-02T06:15:00Z'): Invitation => ({
  id, state, starts_at, reply_by, place: '', contact: '', invited_at: `2026-03-02T05:0${id}:00Z`, evaluation_id: null,
})

describe('what stands first in an inbox', () => {
  it('puts the question whose time ends first before everything', () => {
    const sorted = sortInbox([one('1', 'accepted'), one('2', 'invited'), one('3', 'invited', undefined, '2026-03-02T06:05:00Z')], NOW)
    expect(sorted.question?.id).toBe('3')
    expect(sorted.appointment).toBeNull()
    expect(sorted.others.map(({ id }) => id)).toEqual(['2', '1'])
  })

  it('puts an accepted appointment first where nothing waits for an answer', () => {
    const sorted = sortInbox([one('1', 'accepted', '2026-03-03T01:00:00Z'), one('2', 'declined'), one('3', 'accepted')], NOW)
    expect(sorted.question).toBeNull()
    expect(sorted.appointment?.id).toBe('3')
    expect(sorted.others.map(({ id }) => id)).toEqual(['2', '1'])
  })

  it('keeps an appointment that has begun and lets go of one long past', () => {
    expect(sortInbox([one('1', 'accepted', '2026-03-02T02:00:00Z')], NOW).appointment?.id).toBe('1')
    const past = sortInbox([one('1', 'accepted', '2026-02-27T02:00:00Z')], NOW)
    expect(past.appointment).toBeNull()
    expect(past.others).toHaveLength(1)
  })

  it('has nothing to say of an empty one', () => {
    expect(sortInbox([], NOW)).toEqual({ question: null, appointment: null, others: [] })
  })
})
