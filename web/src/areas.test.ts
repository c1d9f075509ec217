import { describe, expect, it } from 'vitest'
import { areas, navFor, placeOf } from './areas'

const ROLES = ['applicant', 'clerk', 'expert', 'supervisor', 'pool_manager', 'administrator', 'owner_representative'] as const
const at = (role: string, path: string): string | null => {
  const pattern = (own: string): RegExp => new RegExp(`^${own.replace(/:\w+/g, '[^/]+')}$`)
  const route = areas.flatMap((area) => area.routes).find((one) => pattern(one.path).test(path))
  return placeOf(path, route?.meta?.place, navFor(role))
}

describe('the place that the top bar marks', () => {
  it('is the longest that the path of the page begins with', () => {
    expect(at('supervisor', '/supervise')).toBe('/supervise')
    expect(at('supervisor', '/supervise/draws/dr_1')).toBe('/supervise')
    expect(at('supervisor', '/supervise/rooms/ev_1')).toBe('/supervise/rooms')
    expect(at('supervisor', '/supervise/watch')).toBe('/supervise/watch')
    expect(at('applicant', '/centre/draws/dr_1')).toBe('/centre')
    expect(at('pool_manager', '/standard/crosswalk/2010/2018')).toBe('/standard')
    expect(at('pool_manager', '/pool/experts')).toBe('/pool/experts')
  })

  it('is the one that a page names, where the role has it', () => {
    expect(at('clerk', '/centre/draws/dr_1')).toBe('/evaluations')
    expect(at('expert', '/device-check')).toBe('/my/evaluations')
    expect(at('supervisor', '/supervise/experts/ex_1')).toBe('/supervise/standing')
  })

  it('is never a place whose name only begins alike, and none where there is none', () => {
    expect(placeOf('/poolside', undefined, navFor('pool_manager'))).toBeNull()
    expect(at('applicant', '/my/passkeys')).toBeNull()
  })

  it('is there for every page of a role with a bar, apart from those behind the menu of the account', () => {
    const MENU = ['/my/passkeys']
    const lost = ROLES.flatMap((role) =>
      areas.flatMap((area) => area.routes)
        .filter((one) => one.meta?.roles?.includes(role) && !one.meta.bare && !MENU.includes(one.path))
        .map((one) => [role, one.path.replace(/:\w+/g, 'x')] as const)
        .filter(([, path]) => at(role, path) === null))
    expect(lost).toEqual([])
  })
})
