import type { Area } from '@/areas'

const roles = ['pool_manager'] as const
const expert = ['expert'] as const

export default {
  routes: [
    { path: '/pool/applications', component: () => import('./Applications.vue'), meta: { title: 'appointment.list.title', roles } },
    { path: '/pool/applications/new', component: () => import('./FileApplication.vue'), meta: { title: 'appointment.file.title', roles } },
    { path: '/pool/applications/:id/amend', component: () => import('./FileApplication.vue'), meta: { title: 'appointment.file.amend', roles } },
    { path: '/pool/applications/:id', component: () => import('./OneApplication.vue'), meta: { title: 'appointment.one.title', roles } },
    { path: '/my/profile', component: () => import('./MyProfile.vue'), meta: { title: 'appointment.profile.title', roles: expert } },
  ],
  nav: [
    { to: '/pool/applications', label: 'appointment.nav', roles, order: 13 },
    { to: '/my/profile', label: 'appointment.profile.nav', roles: expert, order: 13 },
  ],
} satisfies Area
