// The verifier of the page, built as one module for the bench: the same sources, the same compiler.
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default {
  root: here('../web'),
  publicDir: false,
  resolve: { alias: { '@': here('../web/src') } },
  build: {
    target: 'es2022',
    outDir: here('../var/bench/verifier'),
    emptyOutDir: true,
    lib: { entry: here('../web/src/draw/verify.ts'), formats: ['es'], fileName: 'verify' },
  },
}
