import type { Area } from '@/areas'

const roles = ['supervisor', 'pool_manager'] as const

export default {
  routes: [
    { path: '/supervise/standing', component: () => import('./ToConfirm.vue'), meta: { title: 'desk.standing', roles } },
    { path: '/supervise/standing/list', component: () => import('./List.vue'), meta: { title: 'desk.standing', roles } },
    { path: '/supervise/standing/exits', component: () => import('./Exits.vue'), meta: { title: 'desk.standing', roles } },
    { path: '/supervise/cases', component: () => import('./Cases.vue'), meta: { title: 'desk.cases.title', roles } },
    { path: '/supervise/cases/new', component: () => import('./ReportCase.vue'), meta: { title: 'desk.report.title', roles } },
    { path: '/supervise/cases/:id', component: () => import('./CaseFile.vue'), props: true, meta: { title: 'desk.case.title', roles } },
    { path: '/supervise/experts/:id', component: () => import('./ExpertFile.vue'), props: true, meta: { title: 'desk.expert.title', roles, place: '/supervise/standing' } },
    { path: '/supervise/search', component: () => import('./Search.vue'), meta: { title: 'desk.search.title', roles: ['supervisor'], place: '/supervise/cases' } },
  ],
  nav: [
    { to: '/supervise/cases', label: 'desk.nav.cases', roles, order: 12 },
    { to: '/supervise/standing', label: 'desk.nav.standing', roles, order: 13 },
  ],
} satisfies Area
