/** Frames of sound and picture inside the room's socket (evaluation_room/media/SPEC.md, 2). Not facts; nothing of them is kept. */
import type { Fault } from './types'

export const TRACKS = ['face', 'face_low', 'masked', 'masked_low', 'mic', 'voice', 'desk', 'screen'] as const
export type TrackName = (typeof TRACKS)[number]
export type Picture = 'face' | 'desk' | 'screen'
export type Mask = 'none' | 'pixelated' | 'silhouette'
export interface Terms { track: TrackName; kind: 'audio' | 'video'; max_kbps: number; width: number; height: number; fps: number }
export interface IceServer { urls: string[]; username: string; credential: string }
export interface Tile { who: string; picture: Picture; layer: 'high' | 'low' }
export interface Slot { mid: string; who: string; track: TrackName | '' }
/** `quality` 0 (nothing) to 4 (good), null unknown. */
export interface Person { who: string; tracks: TrackName[]; muted: TrackName[]; dark: boolean; away?: boolean; quality: number | null }

export type ClientMediaFrame =
  | { type: 'media.join' }
  | { type: 'media.publish'; epoch: number; sdp: string; tracks: { mid: string; track: TrackName }[] }
  | { type: 'media.answer'; epoch: number; offer: number; sdp: string }
  | { type: 'media.view'; epoch: number; tiles: Tile[] }
  | { type: 'media.mute'; epoch: number; track: TrackName; muted: boolean }
  | { type: 'media.present'; ask: string }
  | { type: 'media.leave'; epoch: number }

export interface MediaReady {
  type: 'media.ready'; epoch: number; ice_servers: IceServer[]; mode: 'open' | 'masked'; mask: Mask; publish: Terms[]
  watching_shown: boolean
  /** After so many seconds without own sound and picture the sheet cannot be sealed; 0: never. */
  dark_seconds: number
}
export interface MediaPeople { type: 'media.people'; people: Person[]; watched: boolean; recording: 'on' | 'trouble' | 'off' }
export interface MediaAsk { type: 'media.ask_present'; ask: string; seconds: number }
export type ServerMediaFrame =
  | MediaReady
  | { type: 'media.published'; epoch: number; sdp: string; refused: { track: string; code: string }[] }
  | { type: 'media.offer'; epoch: number; offer: number; sdp: string; slots: Slot[] }
  | MediaPeople
  | { type: 'media.wanted'; epoch: number; tracks: TrackName[] }
  | MediaAsk

export const isMediaFrame = (frame: { type: string }): frame is ServerMediaFrame => frame.type.startsWith('media.')

/** The room's socket as sound and picture see it. */
export interface MediaPort {
  /** False when the socket is not open; the frame is then lost, which is right for frames that are not facts. */
  transmit: (frame: ClientMediaFrame) => boolean
  /** Called with each frame, each refusal whose code is of media, and when the socket opened anew; gives the way to stop listening. */
  listen: (ear: MediaEar) => () => void
}
export interface MediaEar { frame: (frame: ServerMediaFrame) => void; trouble: (fault: Fault) => void; opened: () => void }
