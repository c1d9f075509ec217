/** pdfjs with its own worker, character maps and standard fonts, all from this site; nothing is loaded until a document is opened. */
import type { PDFDocumentProxy } from 'pdfjs-dist'

const maps = import.meta.glob<string>('../../node_modules/pdfjs-dist/cmaps/*.bcmap', { query: '?url&no-inline', import: 'default' })
const fonts = import.meta.glob<string>('../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', { query: '?url&no-inline', import: 'default' })

/** What the worker asks for by file name: a character map or a standard font. */
class PackagedData {
  async fetch({ filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const found = maps[`../../node_modules/pdfjs-dist/cmaps/${filename}`] ?? fonts[`../../node_modules/pdfjs-dist/standard_fonts/${filename}`]
    if (!found) throw new Error(`not packaged: ${filename}`)
    const answer = await fetch(await found())
    if (!answer.ok) throw new Error(`not readable: ${filename}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}

/** Opens a PDF from its bytes; the bytes are given away. */
export async function openPdf(bytes: ArrayBuffer): Promise<PDFDocumentProxy> {
  const [pdfjs, worker] = await Promise.all([import('pdfjs-dist'), import('pdfjs-dist/build/pdf.worker.min.mjs?url')])
  pdfjs.GlobalWorkerOptions.workerSrc = worker.default
  return pdfjs.getDocument({ data: new Uint8Array(bytes), useWorkerFetch: false, useWasm: false, enableXfa: false, BinaryDataFactory: PackagedData }).promise
}
