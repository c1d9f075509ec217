import type { Area } from '@/areas'

const roles = ['pool_manager', 'supervisor'] as const

export default {
  routes: [
    { path: '/lists', component: () => import('./OutsideLists.vue'), meta: { title: 'lists.title', roles } },
    { path: '/lists/crosscheck', component: () => import('./CrossCheck.vue'), meta: { title: 'lists.check.title', roles } },
  ],
  nav: [{ to: '/lists', label: 'lists.nav', roles, order: 14 }],
} satisfies Area
