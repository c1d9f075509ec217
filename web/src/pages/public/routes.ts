import type { Area } from '@/areas'

export default {
  routes: [
    { path: '/sign-in', component: () => import('./SignIn.vue'), meta: { title: 'sign_in.title' } },
    { path: '/verify', component: () => import('./Verify.vue'), meta: { title: 'verify.title' } },
    { path: '/holder', component: () => import('./Holder.vue'), meta: { title: 'holder.title' } },
  ],
  nav: [
    { to: '/holder', label: 'shell.nav.holder', roles: ['custodian', 'supervisor', 'administrator'], order: 80 },
    { to: '/verify', label: 'shell.nav.verify', roles: ['anyone'], order: 90 },
  ],
  home: { custodian: '/holder' },
} satisfies Area
