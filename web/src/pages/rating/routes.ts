import type { Area } from '@/areas'

const raters = ['clerk', 'expert', 'owner_representative'] as const
const readers = ['supervisor', 'pool_manager'] as const

export default {
  routes: [
    { path: '/ratings', component: () => import('./Rounds.vue'), meta: { title: 'rating.mine.title', roles: raters } },
    { path: '/ratings/:id', component: () => import('./Rate.vue'), props: true, meta: { title: 'rating.rate.title', roles: raters } },
    { path: '/supervise/points', component: () => import('./Accounts.vue'), meta: { title: 'rating.accounts.title', roles: readers } },
  ],
  nav: [
    { to: '/ratings', label: 'rating.nav.mine', roles: raters, order: 13 },
    { to: '/supervise/points', label: 'rating.nav.accounts', roles: readers, order: 13 },
  ],
} satisfies Area
