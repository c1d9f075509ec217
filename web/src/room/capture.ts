/** Camera, microphone and screen of this machine, and why one of them could not be had. */
import { cameraFault } from '@/device/findings'

export type Fault = 'denied' | 'missing' | 'busy'
export type Got = { track: MediaStreamTrack } | { fault: Fault }

const VIDEO: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15 } }
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } }

const faultOf = (cause: unknown): Fault => cameraFault(cause instanceof DOMException ? cause.name : '') as Fault

export const hasMedia = (): boolean => window.isSecureContext && 'mediaDevices' in navigator && 'RTCPeerConnection' in window
export const hasScreen = (): boolean => hasMedia() && 'getDisplayMedia' in navigator.mediaDevices

async function ask(what: MediaStreamConstraints): Promise<Got> {
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(what)).getTracks()
    return track ? { track } : { fault: 'missing' }
  } catch (cause) {
    return { fault: faultOf(cause) }
  }
}
const openCamera = (deviceId?: string): Promise<Got> => ask({ video: deviceId ? { ...VIDEO, deviceId: { exact: deviceId } } : VIDEO })
const openMicrophone = (): Promise<Got> => ask({ audio: AUDIO })

/** Both with one question of the browser; when that fails each alone, so that a missing camera does not take the voice away. */
export async function openBoth(camera: boolean, microphone: boolean): Promise<{ camera: Got | null; microphone: Got | null }> {
  if (camera && microphone) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: VIDEO, audio: AUDIO })
      return { camera: { track: stream.getVideoTracks()[0]! }, microphone: { track: stream.getAudioTracks()[0]! } }
    } catch (cause) {
      if (faultOf(cause) === 'denied') {
        // One of them may be allowed for good while the other is forbidden; asking one by one finds out without a second question.
        const found = await navigator.permissions?.query({ name: 'microphone' as PermissionName }).catch(() => null)
        if (found?.state !== 'granted') return { camera: { fault: 'denied' }, microphone: { fault: 'denied' } }
      }
    }
  }
  return { camera: camera ? await openCamera() : null, microphone: microphone ? await openMicrophone() : null }
}

/** A camera that is none of those in use, for the desk; after `last` comes the next of them. */
export async function openDesk(inUse: readonly string[]): Promise<Got> {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'videoinput' && one.deviceId && !inUse.includes(one.deviceId))
  const [first] = cameras
  return first ? openCamera(first.deviceId) : { fault: 'missing' }
}

/** The screen that the person picks; null when they picked none. */
export async function openScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 5, max: 10 }, width: { max: 1920 } }, audio: false })
    const [track] = stream.getVideoTracks()
    if (track) track.contentHint = 'detail'
    return track ?? null
  } catch {
    return null
  }
}
