/** What a page area gives to the shell: put `export default {...} satisfies Area` into src/pages/<area>/routes.ts. */
import type { RouteRecordRaw } from 'vue-router'

export interface NavItem {
  to: string
  /** Locale key of the word in the top bar. */
  label: string
  /** Role ids that see it; 'anyone' also without sign-in, 'visitor' only without. */
  roles: readonly string[]
  order?: number
}

export interface Area {
  routes: RouteRecordRaw[]
  nav?: NavItem[]
  /** First page of a role after sign-in: role id → path. */
  home?: Record<string, string>
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Locale key of the browser title. */
    title?: string
    /** Roles that may open the page; absent = everybody, also without sign-in. */
    roles?: readonly string[]
    /** The page draws its own bar (evaluation room, phone pages). */
    bare?: boolean
    /** Path of the place in the top bar that it belongs to, where that is not the longest that its own path begins with. */
    place?: string
  }
}

const found = import.meta.glob<Area>('./pages/*/routes.ts', { eager: true, import: 'default' })
export const areas: Area[] = Object.keys(found).sort().map((path) => found[path] as Area)

/** Items of the top bar for a role (null = not signed in), in order. */
export function navFor(role: string | null): NavItem[] {
  return areas
    .flatMap((area) => area.nav ?? [])
    .filter((item) => item.roles.includes('anyone') || item.roles.includes(role ?? 'visitor'))
    .sort((a, b) => (a.order ?? 50) - (b.order ?? 50))
}

/** The item of the top bar that a page belongs to: the place it names, else the longest path that its own begins with. */
export function placeOf(path: string, named: string | undefined, items: readonly NavItem[]): string | null {
  if (items.some(({ to }) => to === named)) return named ?? null
  const within = items.map(({ to }) => to).filter((to) => path === to || path.startsWith(`${to}/`))
  return within.sort((a, b) => b.length - a.length)[0] ?? null
}

/** Where a role starts. */
export function homeOf(role: string | null): string {
  if (role === null) return '/sign-in'
  return areas.map((area) => area.home?.[role]).find((path) => path !== undefined) ?? '/verify'
}
