/** Who is signed in in this tab. The identifier is sign_in: "session" means too many things here. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, Refusal, tabToken } from './client'
import { showPasskey } from './passkeys'

export interface Account {
  id: string
  username?: string
  expert_id?: string | null
  display: string
  role: string
}
export interface Me {
  account: Account | null
  permissions: string[]
  demonstration: boolean
}
export interface Meta {
  product: string
  version: string
  demonstration: boolean
  overlay: string
  /** Whether draws may be, or are, unsealed here. */
  unsealed: 'never' | 'may' | 'always'
  log_origin: string
  now: string
  secure_hint: string | null
  /** How members see each other's faces in the evaluation room. */
  media_mask: 'none' | 'pixelated' | 'silhouette'
  /** Newest checkpoint of the log and its fingerprint as printed; null before the first. */
  checkpoint?: { size: number; fingerprint: string } | null
}
export interface DemoAccount {
  id: string
  role: string
  display: string
  about: string
}

/** Remembered across tabs: which of the invited experts the next click becomes. */
const NEXT_EXPERT = 'expert-draw.next-expert'

export const useSignIn = defineStore('sign-in', () => {
  const me = ref<Me>({ account: null, permissions: [], demonstration: false })
  const meta = ref<Meta | null>(null)
  const offline = ref(false)
  let first: Promise<void> | null = null

  const account = computed(() => me.value.account)
  const role = computed(() => me.value.account?.role ?? null)
  const demonstration = computed(() => meta.value?.demonstration ?? me.value.demonstration)

  /** Asks once who I am; later calls wait for the same answer. */
  function known(): Promise<void> {
    first ??= load()
    return first
  }

  async function load(): Promise<void> {
    try {
      const [about, person] = await Promise.all([api.get<Meta>('/api/meta').catch(() => null), whoAmI()])
      meta.value = about
      me.value = person
      offline.value = false
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      offline.value = cause.code === 'client.offline'
      first = null
    }
  }

  async function whoAmI(): Promise<Me> {
    try {
      return await api.get<Me>('/api/me')
    } catch (cause) {
      if (!(cause instanceof Refusal) || cause.status !== 401) throw cause
      tabToken.clear()
      return { account: null, permissions: [], demonstration: false }
    }
  }

  async function again(): Promise<void> {
    first = load()
    await first
  }

  async function withPassword(username: string, password: string): Promise<void> {
    tabToken.clear()
    await api.post('/api/sign-in', { username, password })
    await again()
  }

  async function withPasskey(): Promise<void> {
    tabToken.clear()
    await showPasskey()
    await again()
  }

  /** Demonstration: this tab alone becomes the account. */
  /** Steps into a card of the demonstration; the expert's card gives each tab the next expert invited. */
  async function asDemo(accountId: string): Promise<void> {
    const number = accountId === 'expert' ? Number(localStorage.getItem(NEXT_EXPERT) ?? 0) : 0
    const { tab_token, taken } = await demoToken(accountId, number)
    if (accountId === 'expert') localStorage.setItem(NEXT_EXPERT, String(taken + 1))
    tabToken.set(tab_token)
    await again()
  }

  async function demoToken(account_id: string, invitation: number): Promise<{ tab_token: string; taken: number }> {
    try {
      const { tab_token } = await api.post<{ tab_token: string }>('/api/demo/sign-in', { account_id, invitation, tab: true })
      return { tab_token, taken: invitation }
    } catch (cause) {
      if (invitation === 0 || !(cause instanceof Refusal) || cause.code !== 'app.nobody_invited') throw cause
      return demoToken(account_id, 0)
    }
  }

  async function leave(): Promise<void> {
    await api.post('/api/sign-out').catch((cause: unknown) => {
      if (!(cause instanceof Refusal)) throw cause
    })
    tabToken.clear()
    await again()
  }

  /** Whether any one of the permissions is granted, as a guard asks. */
  const may = (...permissions: string[]): boolean => permissions.some((one) => me.value.permissions.includes(one))
  return { me, meta, account, role, demonstration, offline, known, again, withPassword, withPasskey, asDemo, leave, may }
})
