import type { Area } from '@/areas'

const roles = ['supervisor', 'pool_manager', 'administrator'] as const

export default {
  routes: [
    { path: '/shared', component: () => import('./Shared.vue'), meta: { title: 'feeds.title', roles } },
    { path: '/shared/people', component: () => import('./People.vue'), meta: { title: 'feeds.people.title', roles: ['supervisor', 'pool_manager'] } },
    { path: '/shared/records', component: () => import('./Records.vue'), meta: { title: 'feeds.records.title', roles: ['supervisor', 'pool_manager'] } },
    { path: '/shared/regions/:id', component: () => import('./Peer.vue'), props: true, meta: { title: 'feeds.peer.title', roles } },
  ],
  nav: [{ to: '/shared', label: 'feeds.nav', roles, order: 14 }],
} satisfies Area
