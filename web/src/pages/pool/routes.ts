import type { Area } from '@/areas'

const roles = ['pool_manager'] as const

export default {
  routes: [
    { path: '/pool', component: () => import('./Overview.vue'), meta: { title: 'pool.overview.title', roles } },
    { path: '/pool/experts', component: () => import('./Experts.vue'), meta: { title: 'pool.experts.title', roles } },
    { path: '/pool/import', component: () => import('./ImportPool.vue'), meta: { title: 'pool.import.title', roles } },
    { path: '/pool/requests', component: () => import('./ExpertRequests.vue'), meta: { title: 'record.requests.title', roles } },
  ],
  nav: [
    { to: '/pool', label: 'pool.nav.overview', roles, order: 10 },
    { to: '/pool/experts', label: 'pool.nav.experts', roles, order: 11 },
    { to: '/pool/import', label: 'pool.nav.import', roles, order: 12 },
    { to: '/pool/requests', label: 'record.requests.nav', roles, order: 14 },
  ],
  home: { pool_manager: '/pool' },
} satisfies Area
