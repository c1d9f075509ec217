import type { Area } from '@/areas'

const roles = ['applicant'] as const

export default {
  routes: [
    { path: '/centre', component: () => import('./Today.vue'), meta: { title: 'applicant.today.title', roles } },
    { path: '/centre/file', component: () => import('./FileDraw.vue'), meta: { title: 'applicant.file.title', roles } },
    { path: '/centre/draws/:id', component: () => import('./OneDraw.vue'), props: true, meta: { title: 'applicant.draw.title', roles: ['applicant', 'clerk'], place: '/evaluations' } },
  ],
  nav: [
    { to: '/centre', label: 'applicant.nav.today', roles, order: 10 },
    { to: '/centre/file', label: 'applicant.nav.file', roles, order: 11 },
  ],
  home: { applicant: '/centre' },
} satisfies Area
