/** The only file where Vue meets sound and picture: the session, who is seen, who speaks, and whether one takes part at all. */
import { computed, onScopeDispose, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { useSignIn } from '@/api/session'
import { hasMedia } from './capture'
import { figuresOf, qualityOf, Watcher } from './figures'
import { MediaSession, type MediaCause, type MediaStanding, type Received } from './media'
import type { Mask, MediaAsk, MediaPeople, MediaReady, Person, Tile } from './mediaFrames'
import type { Seat } from './tiles'
import { useOwnMedia } from './useOwnMedia'
import type { Room } from './useRoom'

/** "1" here makes every connection go through the installation's TURN server alone; for trying that way out. */
export const RELAY_ONLY = 'expert-draw.media.relay'
const LOOK_MS = 500

/** What this person agreed to and chose in this room, for as long as the tab lives. */
interface Kept { agreed: boolean; camera: boolean; microphone: boolean; muted: boolean; takesPart: boolean | null }
const FRESH: Kept = { agreed: false, camera: true, microphone: true, muted: false, takesPart: null }

const codecs = (kind: 'audio' | 'video'): RTCRtpCodec[] | null => {
  const wanted = kind === 'video' ? ['video/VP8', 'video/rtx'] : ['audio/opus']
  return RTCRtpSender.getCapabilities?.(kind)?.codecs.filter((one) => wanted.includes(one.mimeType)) ?? null
}

/** In the toy room nothing is sent, but the own picture is masked as it would be. */
const practiceTerms = (mask: Mask): MediaReady => ({
  type: 'media.ready', epoch: 0, ice_servers: [], mode: mask === 'none' ? 'open' : 'masked', mask, watching_shown: false, dark_seconds: 0,
  publish: (mask === 'none' ? (['face', 'mic'] as const) : (['face', 'masked', 'mic', 'voice'] as const)).map((track) => ({ track, kind: track === 'mic' || track === 'voice' ? 'audio' : 'video', max_kbps: 0, width: 640, height: 360, fps: 15 })),
})

export function useMedia(room: Room) {
  const key = `expert-draw.media.${room.evaluationId}`
  const kept: Kept = { ...FRESH, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Kept>) }
  const keep = (what: Partial<Kept>): void => sessionStorage.setItem(key, JSON.stringify(Object.assign(kept, what)))

  const able = hasMedia()
  const standing = ref<MediaStanding>('off')
  const cause = shallowRef<MediaCause | null>(null)
  const terms = shallowRef<MediaReady | null>(null)
  const received = shallowRef<readonly Received[]>([])
  const people = shallowRef<readonly Person[]>([])
  const watched = ref(false)
  const recording = ref<MediaPeople['recording'] | null>(null)
  const refusals = shallowRef<Record<string, string>>({})
  const agreed = ref(kept.agreed && !room.practice)
  /** The picture that is shown large. */
  const big = shallowRef<Seat | null>(null)
  const asked = shallowRef<(MediaAsk & { until: number }) | null>(null)

  const session = new MediaSession({
    transmit: (frame) => room.media?.transmit(frame) ?? false,
    peer: (config) => new RTCPeerConnection(config),
    codecs,
    relayOnly: localStorage.getItem(RELAY_ONLY) === '1',
    handlers: {
      standing(now, why) {
        standing.value = now
        cause.value = why
      },
      ready(it) {
        terms.value = it
        refusals.value = {}
      },
      received: (tracks) => (received.value = tracks),
      people(it) {
        people.value = it.people
        muteAgain(it)
        watched.value = it.watched
        recording.value = it.recording
      },
      asked: (it) => (asked.value = { ...it, until: Date.now() + 1000 * it.seconds }),
      refused: (track, code) => (refusals.value = { ...refusals.value, [track]: code }),
    },
  })
  if (room.practice) terms.value = practiceTerms(useSignIn().meta?.media_mask ?? 'none')
  const own = useOwnMedia({ source: (...it) => session.source(...it), mute: (...it) => session.mute(...it) }, terms)
  const stopListening = room.media?.listen({ frame: (it) => session.frame(it), trouble: (it) => session.trouble(it), opened: () => session.opened() })

  /** A track that began after it was muted is not known as muted; the server is told once more. */
  function muteAgain(it: MediaPeople): void {
    const me = it.people.find((one) => one.who === (room.viewer.value?.seat ?? room.viewer.value?.role))
    for (const track of ['mic', 'voice'] as const) if (own.muted.value && me?.tracks.includes(track) && !me.muted.includes(track)) session.mute(track, true)
  }

  const role = computed(() => room.viewer.value?.role ?? null)
  const sends = computed(() => role.value === 'seat' || role.value === 'clerk')
  /** Whether the room is at a point where people see each other at all. */
  const open = computed(() => {
    const { phase, stopped } = room.view.value
    if (cause.value?.kind === 'refused' && cause.value.code === 'media.not_here') return false
    return able && (room.media !== null || room.practice) && room.known.value && role.value !== null && !stopped && phase !== 'preparing' && phase !== 'closed' && !room.seat.value?.void
  })
  /** Members and the clerk see each other as a matter of course; that a supervisor watches is an entry, so it is their own act. */
  const takesPart = ref(kept.takesPart)
  const wants = computed(() => takesPart.value ?? sends.value)

  async function start(): Promise<void> {
    if (!agreed.value || !sends.value) return
    own.setMuted(kept.muted)
    await own.open({ camera: kept.camera, microphone: kept.microphone })
  }
  watch([open, wants, room.elsewhere], ([isOpen, wanted, elsewhere]) => {
    const now = isOpen && wanted && !elsewhere
    if (room.practice) return void (now && start())
    if (now && (standing.value === 'off' || standing.value === 'elsewhere')) {
      session.join()
      void start()
    } else if (!now && standing.value !== 'off') {
      session.leave()
      own.close()
      people.value = []
      big.value = null
      terms.value = recording.value = null
      watched.value = false
    }
  }, { immediate: true })

  // --- sound: who speaks, and whether the browser lets it be heard

  const speaking = shallowRef<ReadonlySet<string>>(new Set())
  const still = shallowRef<ReadonlySet<string>>(new Set())
  const ownLevel = ref(0)
  const ownQuality = ref<number | null>(null)
  const watcher = new Watcher()
  const same = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((one) => b.has(one))
  async function look(): Promise<void> {
    const { up, down } = session.peers
    const values = async (peer: RTCPeerConnection | null) => (peer ? [...(await peer.getStats() as unknown as Map<string, never>).values()] : [])
    const figures = figuresOf(await values(down), await values(up))
    const byWho = new Map<string, number>()
    for (const { who, mid } of received.value) if (figures.levels.has(mid)) byWho.set(who, figures.levels.get(mid)!)
    ownLevel.value = own.muted.value ? 0 : (figures.own ?? 0)
    if (own.mic.value) byWho.set('me', ownLevel.value)
    ownQuality.value = qualityOf(figures)
    const [talk, frozen] = [watcher.speaking(byWho, Date.now()), watcher.still(figures.frames, Date.now())]
    if (!same(talk, speaking.value)) speaking.value = talk
    if (!same(frozen, still.value)) still.value = frozen
  }
  const timer = setInterval(() => {
    if (standing.value === 'on' && document.visibilityState === 'visible') void look()
  }, LOOK_MS)

  const soundBlocked = ref(false)
  const players = new Set<HTMLAudioElement>()
  async function play(audio: HTMLAudioElement): Promise<void> {
    players.add(audio)
    try {
      await audio.play()
    } catch (refusal) {
      if (refusal instanceof DOMException && refusal.name === 'NotAllowedError') soundBlocked.value = true
    }
  }
  /** A press anywhere on the page is enough for the browser. */
  async function unlock(): Promise<void> {
    await own.voice.value?.sound.resume()
    if (!soundBlocked.value) return
    soundBlocked.value = false
    for (const audio of players) if (audio.isConnected) await play(audio)
    else players.delete(audio)
  }
  watch(own.voice, (made) => {
    if (made && made.sound.state !== 'running') setTimeout(() => made.sound.state === 'suspended' && (soundBlocked.value = true), 500)
  })
  const touched = (): void => void unlock()
  window.addEventListener('pointerdown', touched)
  window.addEventListener('keydown', touched)
  onScopeDispose(() => {
    clearInterval(timer)
    window.removeEventListener('pointerdown', touched)
    window.removeEventListener('keydown', touched)
    stopListening?.()
    session.leave()
  })

  return {
    able, open, sends, wants, agreed, standing, cause, terms, received, people, watched, recording, refusals, asked, big, own, speaking, still, ownLevel, ownQuality, soundBlocked, play, unlock,
    /** The own camera and microphone, after the notice was read. */
    async agree(): Promise<void> {
      keep({ agreed: true })
      agreed.value = true
      await start()
    },
    async toggleCamera(): Promise<void> {
      const on = own.camera.value === 'on' || own.camera.value === 'asking'
      keep({ camera: !on })
      if (on) own.closeCamera()
      else await own.open({ camera: true, microphone: false })
    },
    async toggleMicrophone(): Promise<void> {
      if (!own.mic.value) {
        keep({ microphone: true, muted: false })
        own.setMuted(false)
        return own.open({ camera: false, microphone: true })
      }
      own.setMuted(!own.muted.value)
      keep({ muted: own.muted.value })
    },
    takePart(to: boolean): void {
      takesPart.value = to
      keep({ takesPart: to })
    },
    view: (tiles: Tile[]) => session.view(tiles),
    answer(): void {
      if (asked.value) session.present(asked.value.ask)
      asked.value = null
    },
    /** At once, instead of when the wait is over. */
    retry: () => session.join(),
  }
}
export type Media = ReturnType<typeof useMedia>
export const MEDIA: InjectionKey<Media> = Symbol('media')
