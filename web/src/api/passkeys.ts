/** The browser's half of a passkey: whether it can, making a key, and showing one. The server decides. */
import { browserSupportsWebAuthn, startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser'
import { api, Refusal } from './client'

export interface Passkey {
  id: string
  label: string
  site: string
  synced: boolean
  created_at: string
  used_at: string | null
}
export interface PasskeysOut {
  passkeys: Passkey[]
  only: boolean
}
export interface Loss {
  id: string
  username: string
  display: string
  ground: string
  identity: string
  opened_by: string
  opened_at: string
  decision: string
  decided_by: string | null
  decided_at: string | null
  handed_over: boolean
  used_at: string | null
  mine: boolean
}

export type Here = 'yes' | 'not_secure' | 'no_name' | 'no_browser'

/** Whether passkeys can work at this address, and if not, why: browsers want TLS (or this machine) and a name. */
export function passkeysHere(): Here {
  if (!window.isSecureContext) return 'not_secure'
  if (/^[\d.]+$|^\[/.test(window.location.hostname)) return 'no_name'
  return browserSupportsWebAuthn() ? 'yes' : 'no_browser'
}

/** The same page on this machine's own name, where passkeys work; null on another machine's number. */
export function byName(): string | null {
  const { protocol, hostname, port, pathname } = window.location
  if (!/^127\.|^\[::1\]$/.test(hostname)) return null
  return `${protocol}//localhost${port && `:${port}`}${pathname}`
}

type Question<T> = { public_key: T }
type CreationJSON = Parameters<typeof startRegistration>[0]['optionsJSON']
type RequestJSON = Parameters<typeof startAuthentication>[0]['optionsJSON']

/** Has a device make a key and hands it to the server; `door` is one's own or that of a one-time link. */
export async function addPasskey(door: string, label: string): Promise<Passkey> {
  const { public_key } = await api.post<Question<CreationJSON>>(`${door}/registration`)
  const made = await asked(() => startRegistration({ optionsJSON: public_key }))
  return api.post<Passkey>(door, { id: made.id, client_data: made.response.clientDataJSON, attestation: made.response.attestationObject, label })
}

/** Signs in with whichever passkey the person chooses. */
export async function showPasskey(): Promise<void> {
  const { public_key } = await api.post<Question<RequestJSON>>('/api/passkeys/question')
  const shown = await asked(() => startAuthentication({ optionsJSON: public_key }))
  await api.post('/api/passkeys/sign-in', answerOf(shown))
}

/** Whether this person has a passkey of this site, so that it can be asked to sign. */
export async function hasPasskeyHere(): Promise<boolean> {
  if (passkeysHere() !== 'yes') return false
  const { passkeys } = await api.get<PasskeysOut>('/api/passkeys')
  return passkeys.some((one) => one.site === window.location.hostname)
}

/** Signs the report, or a dissent, with one's own device as well; `id` makes a repeated press harmless. */
export async function signReport(evaluationId: string, id: string, wish: object): Promise<void> {
  const door = `/api/evaluations/${encodeURIComponent(evaluationId)}/report`
  const { public_key } = await api.post<Question<RequestJSON>>(`${door}/question`, { wish })
  await api.post(`${door}/signature`, { id, wish, passkey: answerOf(await asked(() => startAuthentication({ optionsJSON: public_key }))) })
}

function answerOf(shown: Awaited<ReturnType<typeof startAuthentication>>): object {
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response
  return { id: shown.id, client_data: clientDataJSON, authenticator_data: authenticatorData, signature, user_handle: userHandle ?? null }
}

/** Browsers don't tell why a person or a device said no: one refusal for all of it. */
async function asked<T>(device: () => Promise<T>): Promise<T> {
  try {
    return await device()
  } catch (cause) {
    if (cause instanceof WebAuthnError && cause.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') throw new Refusal(0, 'passkeys.taken')
    if (cause instanceof WebAuthnError || cause instanceof DOMException || (cause instanceof Error && cause.name === 'NotAllowedError')) throw new Refusal(0, 'client.passkey_not_given')
    throw cause
  }
}
