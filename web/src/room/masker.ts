/** A masked picture out of a camera's: in a worker where the browser hands out frames, else on a canvas that a worker's clock drives. */
import { CELLS, drawMasked, LOOK, type Canvases } from './mask'
import type { Order } from './masker.worker'
import type { Mask } from './mediaFrames'

export interface Masked { track: MediaStreamTrack; stop: () => void }
export interface Size { width: number; height: number; fps: number }

/** Chromium's two ends of a track. Not yet in the standard's form, so the DOM's types do not know them. */
interface Ends {
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => { readable: ReadableStream<VideoFrame> }
  MediaStreamTrackGenerator?: new (init: { kind: 'video' }) => MediaStreamTrack & { writable: WritableStream<VideoFrame> }
}

const aWorker = (): Worker => new Worker(new URL('./masker.worker.ts', import.meta.url), { type: 'module' })

/**
 * The mask of a camera's track; the camera's own track is neither changed nor stopped.
 *
 * @throws Error when this browser can do it neither way; then nothing is sent in its place.
 */
export async function maskedOf(camera: MediaStreamTrack, mask: Mask, size: Size): Promise<Masked> {
  const { MediaStreamTrackProcessor: Processor, MediaStreamTrackGenerator: Generator } = window as unknown as Ends
  if (Processor && Generator) return inWorker(camera, mask, size, Processor, Generator)
  return onCanvas(camera, mask, size)
}

function inWorker(camera: MediaStreamTrack, mask: Mask, size: Size, Processor: NonNullable<Ends['MediaStreamTrackProcessor']>, Generator: NonNullable<Ends['MediaStreamTrackGenerator']>): Masked {
  const worker = aWorker()
  const copy = camera.clone()
  const from = new Processor({ track: copy, maxBufferSize: 2 }).readable
  const made = new Generator({ kind: 'video' })
  const order: Order = { kind: 'pipe', mask, size: { width: size.width, height: size.height }, from, to: made.writable }
  worker.postMessage(order, [from, made.writable] as unknown as Transferable[])
  return {
    track: made,
    stop() {
      copy.stop()
      made.stop()
      worker.terminate()
    },
  }
}

async function onCanvas(camera: MediaStreamTrack, mask: Mask, size: Size): Promise<Masked> {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true })
  video.srcObject = new MediaStream([camera])
  await video.play()
  const context = (width: number, height: number, read = false): CanvasRenderingContext2D => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    return canvas.getContext('2d', { willReadFrequently: read, alpha: false })!
  }
  const out = context(size.width, size.height)
  const canvases: Canvases = { look: context(LOOK.width, LOOK.height, true), cells: context(CELLS.width, CELLS.height), out }
  const [track] = out.canvas.captureStream(size.fps).getVideoTracks()
  if (!track) throw new Error('no track of a canvas')
  const worker = aWorker()
  worker.onmessage = () => drawMasked(mask, video, canvases)
  worker.postMessage({ kind: 'tick', ms: 1000 / size.fps } satisfies Order)
  return {
    track,
    stop() {
      worker.terminate()
      track.stop()
      video.srcObject = null
    },
  }
}
