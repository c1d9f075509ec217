import type { Area } from '@/areas'

const roles = ['supervisor', 'pool_manager'] as const

export default {
  routes: [
    { path: '/supervise/standing', component: () => import('./ToConfirm.vue'), meta: { title: 'desk.standing', roles } },
    { path: '/supervise/standing/list', component: () => import('./List.vue'), meta: { title: 'desk.standing', roles } },
    { path: '/supervise/standing/exits', component: () => import('./Exits.vue'), meta: { title: 'desk.standing', roles } },
  ],
  nav: [{ to: '/supervise/standing', label: 'desk.nav.standing', roles, order: 12 }],
} satisfies Area
