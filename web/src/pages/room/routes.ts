import type { Area } from '@/areas'

const roles = ['expert', 'owner_representative', 'clerk', 'supervisor'] as const

export default {
  routes: [{ path: '/room/:id', component: () => import('./RoomPage.vue'), props: true, meta: { title: 'room.title', roles, bare: true } }],
} satisfies Area
