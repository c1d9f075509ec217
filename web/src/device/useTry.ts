/** Camera and microphone as the room would use them, tried on this page alone: the picture, its mask, a meter. Nothing is sent. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import { openBoth } from '@/room/capture'
import { CELLS, cellMeans, LOOK } from '@/room/mask'
import { maskedOf, type Masked } from '@/room/masker'
import type { Mask } from '@/room/mediaFrames'
import { HEARD, type Camera } from './findings'

const LOOK_MS = 100

export function useTry(mask: () => Mask) {
  const camera = ref<Camera>('idle')
  const microphone = ref<Camera>('idle')
  const picture = shallowRef<MediaStreamTrack | null>(null)
  const others = shallowRef<MediaStreamTrack | null>(null)
  /** Mean brightness of the picture, null while none has come. */
  const bright = ref<number | null>(null)
  /** Loudness now, 0 to 1; whether a voice was heard; for how long none was. */
  const loudness = ref(0)
  const heard = ref(false)
  const silentMs = ref(0)
  let masked: Masked | null = null
  let tracks: MediaStreamTrack[] = []
  let sound: AudioContext | null = null
  let timer: ReturnType<typeof setInterval> | undefined

  function stop(): void {
    clearInterval(timer)
    for (const track of tracks) track.stop()
    masked?.stop()
    void sound?.close()
    tracks = []
    masked = sound = null
    picture.value = others.value = null
  }
  async function start(): Promise<void> {
    stop()
    camera.value = microphone.value = 'asking'
    heard.value = false
    silentMs.value = 0
    bright.value = null
    const got = await openBoth(true, true)
    const track = got.camera && 'track' in got.camera ? got.camera.track : null
    const voice = got.microphone && 'track' in got.microphone ? got.microphone.track : null
    tracks = [track, voice].filter((one) => one !== null)
    camera.value = track ? 'on' : got.camera && 'fault' in got.camera ? got.camera.fault : 'missing'
    microphone.value = voice ? 'on' : got.microphone && 'fault' in got.microphone ? got.microphone.fault : 'missing'
    picture.value = track
    const meter = voice && listen(voice)
    const look = track && (await watchPicture(track))
    timer = setInterval(() => {
      meter?.()
      look?.()
    }, LOOK_MS)
    if (track) others.value = mask() === 'none' ? track : await maskOf(track)
  }
  async function maskOf(track: MediaStreamTrack): Promise<MediaStreamTrack | null> {
    try {
      masked = await maskedOf(track, mask(), { width: 640, height: 360, fps: 15 })
      return masked.track
    } catch {
      return null
    }
  }
  function listen(track: MediaStreamTrack): () => void {
    sound = new AudioContext()
    const meter = sound.createAnalyser()
    meter.fftSize = 512
    sound.createMediaStreamSource(new MediaStream([track])).connect(meter)
    const wave = new Float32Array(meter.fftSize)
    return () => {
      meter.getFloatTimeDomainData(wave)
      loudness.value = Math.min(1, Math.sqrt(wave.reduce((all, one) => all + one * one, 0) / wave.length))
      if (loudness.value >= HEARD) heard.value = true
      silentMs.value += LOOK_MS
    }
  }
  async function watchPicture(track: MediaStreamTrack): Promise<() => void> {
    const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true })
    video.srcObject = new MediaStream([track])
    await video.play().catch(() => undefined)
    const canvas = Object.assign(document.createElement('canvas'), LOOK)
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!
    return () => {
      if (!video.videoWidth) return
      context.drawImage(video, 0, 0, LOOK.width, LOOK.height)
      const means = cellMeans(context.getImageData(0, 0, LOOK.width, LOOK.height).data)
      bright.value = means.reduce((sum, one) => sum + one, 0) / (CELLS.width * CELLS.height * 3)
    }
  }
  onScopeDispose(stop)
  return { camera, microphone, picture, others, bright, loudness, heard, silentMs, start, stop }
}
