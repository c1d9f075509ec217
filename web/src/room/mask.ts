/**
 * What others see of a face: arithmetic on pixels alone.
 *
 * Both masks keep so little that nothing can bring the face back: every cell of the mosaic is one rounded mean of its part of the
 * picture, and the silhouette keeps one bit a cell. Two pictures with the same means look the same.
 */
import type { Mask } from './mediaFrames'

/** Cells of the mosaic over the whole picture, and the size at which the camera's picture is looked at: eight by eight points a cell. */
export const CELLS = { width: 20, height: 12 } as const
export const LOOK = { width: CELLS.width * 8, height: CELLS.height * 8 } as const
/** Steps of brightness a colour may have: finer ones would let many frames of a moving face add up to a sharper one. */
export const STEPS = 16

export const PAPER = [239, 237, 232] as const
export const INK = [31, 58, 95] as const

type Pixels = Uint8ClampedArray<ArrayBufferLike>

/** Mean colour of each cell, red, green, blue, not rounded. `pixels` are RGBA of LOOK's size. */
export function cellMeans(pixels: Pixels): Float64Array {
  const { width, height } = CELLS
  const sums = new Float64Array(width * height * 3)
  for (let y = 0; y < LOOK.height; y += 1) for (let x = 0; x < LOOK.width; x += 1) {
    const cell = (((y >> 3) * width + (x >> 3)) * 3) | 0
    const at = (y * LOOK.width + x) * 4
    for (let colour = 0; colour < 3; colour += 1) sums[cell + colour]! += pixels[at + colour]! / 64
  }
  return sums
}

/** RGBA of the cells, each colour rounded to one of STEPS. */
export function mosaic(pixels: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const means = cellMeans(pixels)
  const found = new Uint8ClampedArray(CELLS.width * CELLS.height * 4)
  const step = 255 / (STEPS - 1)
  for (let cell = 0; cell < CELLS.width * CELLS.height; cell += 1) {
    for (let colour = 0; colour < 3; colour += 1) found[cell * 4 + colour] = Math.round(means[cell * 3 + colour]! / step) * step
    found[cell * 4 + 3] = 255
  }
  return found
}

/** The brightness that parts the dark from the light best (Otsu); of one tone it is that tone. */
export function threshold(tones: readonly number[]): number {
  const sorted = [...tones].sort((a, b) => a - b)
  const all = sorted.reduce((sum, one) => sum + one, 0)
  let [best, at, low] = [-1, sorted.at(-1) ?? 0, 0]
  for (let i = 1; i < sorted.length; i += 1) {
    low += sorted[i - 1]!
    const apart = i * (sorted.length - i) * (low / i - (all - low) / (sorted.length - i)) ** 2
    if (apart > best && sorted[i] !== sorted[i - 1]) [best, at] = [apart, (sorted[i]! + sorted[i - 1]!) / 2]
  }
  return at
}

/** RGBA of the cells in two tones: darker parts ink, lighter ones paper. Drawn large and smooth it is an outline, never a face. */
export function silhouette(pixels: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const means = cellMeans(pixels)
  const tones = Array.from({ length: CELLS.width * CELLS.height }, (_, cell) => 0.3 * means[cell * 3]! + 0.59 * means[cell * 3 + 1]! + 0.11 * means[cell * 3 + 2]!)
  const border = threshold(tones)
  const found = new Uint8ClampedArray(tones.length * 4)
  tones.forEach((tone, cell) => found.set([...(tone < border ? INK : PAPER), 255], cell * 4))
  return found
}

export const masked = (mask: Mask, pixels: Pixels): Uint8ClampedArray<ArrayBuffer> => (mask === 'silhouette' ? silhouette(pixels) : mosaic(pixels))

type Drawn = CanvasImageSource
type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D
export interface Canvases { look: Context; cells: Context; out: Context }

/** Draws the mask of a picture. With a picture that cannot be read it throws, and nothing of it is shown. */
export function drawMasked(mask: Mask, picture: Drawn, { look, cells, out }: Canvases): void {
  look.drawImage(picture, 0, 0, LOOK.width, LOOK.height)
  const made = new ImageData(masked(mask, look.getImageData(0, 0, LOOK.width, LOOK.height).data), CELLS.width, CELLS.height)
  cells.putImageData(made, 0, 0)
  out.imageSmoothingEnabled = mask === 'silhouette'
  out.drawImage(cells.canvas, 0, 0, out.canvas.width, out.canvas.height)
}
