import type { Area } from '@/areas'

export default {
  routes: [
    { path: '/links/:token', alias: '/link/:token', component: () => import('./OneTimeLink.vue'), props: true, meta: { title: 'open.link.title' } },
    { path: '/decisions', component: () => import('./Decisions.vue'), meta: { title: 'open.decisions.title' } },
    { path: '/draws', component: () => import('./Published.vue'), meta: { title: 'open.draws.title' } },
  ],
  nav: [
    { to: '/draws', label: 'open.nav.draws', roles: ['visitor'], order: 85 },
    { to: '/decisions', label: 'open.nav.decisions', roles: ['visitor'], order: 86 },
  ],
} satisfies Area
