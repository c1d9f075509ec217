import type { Area } from '@/areas'

const expert = ['expert'] as const
const member = ['expert', 'owner_representative'] as const

export default {
  routes: [
    { path: '/inbox', component: () => import('./Inbox.vue'), meta: { title: 'expert.inbox.title', roles: expert } },
    { path: '/my/evaluations', component: () => import('./Evaluations.vue'), meta: { title: 'expert.evaluations.title', roles: member } },
    { path: '/my/record', component: () => import('./MyRecord.vue'), meta: { title: 'expert.record.title', roles: expert } },
    { path: '/my/cases', component: () => import('./MyCases.vue'), meta: { title: 'record.cases.title', roles: expert, place: '/my/record' } },
    { path: '/my/cases/:id', component: () => import('./MyCase.vue'), meta: { title: 'record.case.this', roles: expert, place: '/my/record' } },
    { path: '/my/draws', component: () => import('./MyDraws.vue'), meta: { title: 'record.draws.title', roles: expert, place: '/my/record' } },
    { path: '/my/data', component: () => import('./MyData.vue'), meta: { title: 'record.data.title', roles: expert, place: '/my/record' } },
    { path: '/device-check', component: () => import('./DeviceCheck.vue'), meta: { title: 'device.title', roles: member, place: '/my/evaluations' } },
    { path: '/practice', component: () => import('./Practice.vue'), meta: { title: 'practice.mark', roles: member, bare: true } },
  ],
  nav: [
    { to: '/inbox', label: 'expert.nav.inbox', roles: expert, order: 10 },
    { to: '/my/evaluations', label: 'expert.nav.evaluations', roles: member, order: 11 },
    { to: '/my/record', label: 'expert.nav.record', roles: expert, order: 12 },
  ],
  home: { expert: '/inbox', owner_representative: '/my/evaluations' },
} satisfies Area
