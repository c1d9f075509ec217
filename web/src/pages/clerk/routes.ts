import type { Area } from '@/areas'

const roles = ['clerk'] as const

export default {
  routes: [
    { path: '/evaluations', component: () => import('./Evaluations.vue'), meta: { title: 'clerk.list.title', roles } },
    { path: '/evaluations/:id', component: () => import('./Prepare.vue'), props: true, meta: { title: 'clerk.prepare.title', roles } },
  ],
  nav: [{ to: '/evaluations', label: 'clerk.nav', roles, order: 10 }],
  home: { clerk: '/evaluations' },
} satisfies Area
