import { watch } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { useSignIn } from './api/session'
import { areas, homeOf } from './areas'
import { i18n } from './i18n'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...areas.flatMap((area) => area.routes),
    { path: '/', name: 'home', redirect: () => homeOf(useSignIn().role) },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFound.vue'), meta: { title: 'shell.not_found.title' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const signIn = useSignIn()
  await signIn.known()
  const roles = to.meta.roles
  if (roles && signIn.role === null) return { path: '/sign-in', query: { next: to.fullPath } }
  if (roles && signIn.role !== null && !roles.includes(signIn.role)) return homeOf(signIn.role)
  return true
})

/** The browser's title, in the language of the page. */
function entitle(): void {
  const { title } = router.currentRoute.value.meta
  const product = i18n.global.t('shell.product')
  document.title = title ? `${i18n.global.t(title)} · ${product}` : product
}
router.afterEach(entitle)
watch(i18n.global.locale, entitle)
