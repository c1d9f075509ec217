import type { Area } from '@/areas'

export default {
  routes: [
    { path: '/links/:token', alias: '/link/:token', component: () => import('./OneTimeLink.vue'), props: true, meta: { title: 'open.link.title' } },
    { path: '/draws', component: () => import('./Published.vue'), meta: { title: 'open.draws.title' } },
  ],
  nav: [{ to: '/draws', label: 'open.nav.draws', roles: ['visitor'], order: 85 }],
} satisfies Area
