/** Masks frame by frame outside the page: a tab in the background sleeps, its worker does not. */
import { CELLS, drawMasked, LOOK, type Canvases } from './mask'
import type { Mask } from './mediaFrames'

export type Order =
  | { kind: 'pipe'; mask: Mask; size: { width: number; height: number }; from: ReadableStream<VideoFrame>; to: WritableStream<VideoFrame> }
  | { kind: 'tick'; ms: number }

const context = (width: number, height: number, read = false): OffscreenCanvasRenderingContext2D =>
  new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: read, alpha: false })!

/** A frame that cannot be masked is dropped: nothing goes out unmasked. */
function pipe({ mask, size, from, to }: Extract<Order, { kind: 'pipe' }>): void {
  const canvases: Canvases = { look: context(LOOK.width, LOOK.height, true), cells: context(CELLS.width, CELLS.height), out: context(size.width, size.height) }
  const change = new TransformStream<VideoFrame, VideoFrame>({
    transform(frame, onward) {
      try {
        drawMasked(mask, frame, canvases)
        onward.enqueue(new VideoFrame(canvases.out.canvas as OffscreenCanvas, { timestamp: frame.timestamp, alpha: 'discard' }))
      } finally {
        frame.close()
      }
    },
  })
  void from.pipeThrough(change).pipeTo(to).catch(() => self.close())
}

self.onmessage = ({ data }: MessageEvent<Order>) => {
  if (data.kind === 'pipe') pipe(data)
  else setInterval(() => self.postMessage('tick'), data.ms)
}
