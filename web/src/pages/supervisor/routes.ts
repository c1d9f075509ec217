import type { Area } from '@/areas'

const roles = ['supervisor'] as const

export default {
  routes: [
    { path: '/supervise/watch', component: () => import('./Watch.vue'), meta: { title: 'watch.title', roles } },
    { path: '/supervise', component: () => import('./Draws.vue'), meta: { title: 'supervisor.draws.title', roles } },
    { path: '/supervise/draws/:id', component: () => import('./DrawLog.vue'), props: true, meta: { title: 'supervisor.log.title', roles } },
    { path: '/supervise/rooms', component: () => import('./Rooms.vue'), meta: { title: 'supervisor.rooms.title', roles } },
    { path: '/supervise/rooms/:id', component: () => import('./RoomLog.vue'), props: true, meta: { title: 'supervisor.room_log.title', roles } },
    { path: '/supervise/rooms/:id/replay', component: () => import('./Replay.vue'), props: true, meta: { title: 'replay.title', roles } },
  ],
  nav: [
    { to: '/supervise/watch', label: 'watch.nav', roles, order: 9 },
    { to: '/supervise', label: 'supervisor.nav.draws', roles, order: 10 },
    { to: '/supervise/rooms', label: 'supervisor.nav.rooms', roles, order: 11 },
  ],
  home: { supervisor: '/supervise' },
} satisfies Area
