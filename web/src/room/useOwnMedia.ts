/** What this person sends: camera, microphone, desk, screen; masked where the room asks for it. Raw and masked are never mixed up here. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ShallowRef } from 'vue'
import { openBoth, openDesk, openScreen, type Fault, type Got } from './capture'
import { maskedOf, type Masked } from './masker'
import type { MediaReady, TrackName } from './mediaFrames'
import { changedOf, type Changed } from './voices'

/** `unplugged`: it was there and went away. `cannot`: this browser cannot mask, so others get nothing. */
export type Own = 'off' | 'asking' | 'on' | Fault | 'unplugged' | 'cannot'
export interface Sink { source: (track: TrackName, media: MediaStreamTrack | null) => void; mute: (track: TrackName, muted: boolean) => void }

export function useOwnMedia(sink: Sink, terms: ShallowRef<MediaReady | null>) {
  const camera = ref<Own>('off')
  const microphone = ref<Own>('off')
  const desk = ref<Own>('off')
  const muted = ref(false)
  const sharing = ref(false)
  const face = shallowRef<MediaStreamTrack | null>(null)
  const mic = shallowRef<MediaStreamTrack | null>(null)
  const deskTrack = shallowRef<MediaStreamTrack | null>(null)
  const screen = shallowRef<MediaStreamTrack | null>(null)
  const mask = shallowRef<Masked | null>(null)
  const voice = shallowRef<Changed | null>(null)
  const isMasked = computed(() => terms.value?.publish.some((one) => one.track === 'masked') ?? false)
  /** What the others are shown; null while that is nothing. */
  const shown = computed(() => (isMasked.value ? (mask.value?.track ?? null) : face.value))

  function watchEnd(track: MediaStreamTrack, gone: () => void): MediaStreamTrack {
    track.addEventListener('ended', gone, { once: true })
    return track
  }
  function take(got: Got | null, state: typeof camera, into: typeof face, gone: () => void): void {
    if (!got) return
    if ('fault' in got) return void (state.value = got.fault)
    into.value = watchEnd(got.track, gone)
    state.value = 'on'
  }
  const cameraGone = (): void => {
    face.value = null
    camera.value = 'unplugged'
  }
  const microphoneGone = (): void => {
    mic.value = null
    microphone.value = 'unplugged'
  }

  async function open(wants: { camera: boolean; microphone: boolean }): Promise<void> {
    const [pictures, sounds] = [wants.camera && !face.value, wants.microphone && !mic.value]
    if (pictures) camera.value = 'asking'
    if (sounds) microphone.value = 'asking'
    const got = await openBoth(pictures, sounds)
    take(got.camera, camera, face, cameraGone)
    take(got.microphone, microphone, mic, microphoneGone)
    if (mic.value) mic.value.enabled = !muted.value
  }
  function closeCamera(): void {
    face.value?.stop()
    face.value = null
    camera.value = 'off'
  }
  function setMuted(to: boolean): void {
    muted.value = to
    if (mic.value) mic.value.enabled = !to
    if (voice.value) voice.value.track.enabled = !to
    for (const { track, kind } of terms.value?.publish ?? []) if (kind === 'audio') sink.mute(track, to)
  }

  watch(terms, (now) => {
    if (now && muted.value) setMuted(true) // muted before the room said which tracks there are
  })

  async function toggleDesk(): Promise<void> {
    if (deskTrack.value) {
      deskTrack.value.stop()
      deskTrack.value = null
      return void (desk.value = 'off')
    }
    desk.value = 'asking'
    const inUse = [face.value?.getSettings().deviceId ?? '']
    take(await openDesk(inUse), desk, deskTrack, () => {
      deskTrack.value = null
      desk.value = 'unplugged'
    })
  }
  async function toggleScreen(): Promise<void> {
    if (screen.value) {
      screen.value.stop()
      return void (screen.value = null)
    }
    const track = await openScreen()
    screen.value = track && watchEnd(track, () => (screen.value = null))
  }
  watch(screen, (track) => {
    sharing.value = track !== null
    sink.source('screen', track)
  })
  watch(deskTrack, (track) => sink.source('desk', track))

  /** The mask follows the camera and the room's terms. A slow one that is overtaken is thrown away. */
  watch([face, () => terms.value?.mask, isMasked], async ([track, kind, needed]) => {
    sink.source('face', track)
    sink.source('face_low', needed ? null : track)
    mask.value?.stop()
    mask.value = null
    if (!track || !needed || !kind) return
    try {
      const one = terms.value!.publish.find(({ track: name }) => name === 'masked')!
      const made = await maskedOf(track, kind, one)
      if (face.value !== track || !isMasked.value) return made.stop()
      mask.value = made
    } catch {
      if (face.value === track) camera.value = 'cannot'
    }
  })
  watch(mask, (made) => {
    sink.source('masked', made?.track ?? null)
    sink.source('masked_low', made?.track ?? null)
  })
  watch([mic, isMasked], async ([track, needed]) => {
    sink.source('mic', track)
    voice.value?.stop()
    voice.value = null
    if (!track || !needed) return
    try {
      const made = await changedOf(track)
      if (mic.value !== track || !isMasked.value) return made.stop()
      made.track.enabled = !muted.value
      voice.value = made
    } catch {
      if (mic.value === track) microphone.value = 'cannot'
    }
  })
  watch(voice, (made) => sink.source('voice', made?.track ?? null))

  function close(): void {
    closeCamera()
    for (const one of [mic, deskTrack, screen]) {
      one.value?.stop()
      one.value = null
    }
    microphone.value = desk.value = 'off'
  }
  onScopeDispose(() => {
    for (const one of [face, mic, deskTrack, screen]) one.value?.stop()
    mask.value?.stop()
    voice.value?.stop()
  })
  return { camera, microphone, desk, muted, sharing, face, shown, isMasked, mic, voice, screen, deskTrack, open, closeCamera, setMuted, toggleDesk, toggleScreen, close }
}
