import type { Area } from '@/areas'

const roles = ['administrator'] as const

export default {
  routes: [
    { path: '/admin', component: () => import('./Accounts.vue'), meta: { title: 'admin.accounts.title', roles } },
    { path: '/admin/roles', component: () => import('./Roles.vue'), meta: { title: 'admin.roles.title', roles } },
    { path: '/admin/holders', component: () => import('./Holders.vue'), meta: { title: 'admin.holders.title', roles: ['administrator', 'supervisor'], place: '/holder' } },
  ],
  nav: [
    { to: '/admin', label: 'admin.nav.accounts', roles, order: 10 },
    { to: '/admin/roles', label: 'admin.nav.roles', roles, order: 11 },
    { to: '/admin/holders', label: 'admin.nav.holders', roles, order: 12 },
  ],
  home: { administrator: '/admin' },
} satisfies Area
