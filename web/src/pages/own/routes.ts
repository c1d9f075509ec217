import type { Area } from '@/areas'

const everybody = ['applicant', 'clerk', 'expert', 'supervisor', 'pool_manager', 'administrator', 'owner_representative'] as const
const desk = ['clerk', 'supervisor'] as const

export default {
  routes: [
    { path: '/my/passkeys', component: () => import('./MyPasskeys.vue'), meta: { title: 'passkeys.mine.title', roles: everybody } },
    { path: '/lost-devices', component: () => import('./LostDevices.vue'), meta: { title: 'passkeys.loss.title', roles: desk } },
    { path: '/passkey-links/:token', component: () => import('./NewPasskey.vue'), props: true, meta: { title: 'passkeys.link.title' } },
  ],
  nav: [{ to: '/lost-devices', label: 'passkeys.loss.nav', roles: desk, order: 40 }],
} satisfies Area
