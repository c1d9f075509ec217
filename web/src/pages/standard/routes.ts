import type { Area } from '@/areas'

const roles = ['pool_manager', 'supervisor'] as const

export default {
  routes: [
    { path: '/standard', component: () => import('./Versions.vue'), meta: { title: 'standard.versions.title', roles } },
    { path: '/standard/browse', component: () => import('./Browse.vue'), meta: { title: 'standard.browse.title', roles } },
    { path: '/standard/import', component: () => import('./ImportList.vue'), meta: { title: 'standard.import.title', roles: ['pool_manager'] } },
    { path: '/standard/versions/:version', component: () => import('./Edition.vue'), props: true, meta: { title: 'standard.edition.title', roles } },
    { path: '/standard/crosswalk/:old/:next', component: () => import('./Crosswalk.vue'), props: true, meta: { title: 'standard.walk.title', roles } },
  ],
  nav: [{ to: '/standard', label: 'standard.nav', roles, order: 13 }],
} satisfies Area
