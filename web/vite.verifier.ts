/**
 * The off-line verifier as one file: script and style inside, each allowed by its hash, everything else forbidden.
 * The same sources and the same locked tools give the same bytes on any machine; nothing of time, place or chance goes in.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin, type Rollup } from 'vite'
import { fontsFor } from './verifier.fonts'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const WORDS = ['en', 'zh-CN'].flatMap((language) => ['parts', 'verify'].map((area) => `./src/locales/${language}/${area}.json`))
const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`
const textOf = (one: Rollup.OutputAsset | Rollup.OutputChunk): string => (one.type === 'chunk' ? one.code : Buffer.from(one.source).toString('utf8'))

function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const parts = Object.values(bundle)
      const scripts = parts.filter((one) => one.type === 'chunk')
      const styles = parts.filter((one) => one.fileName.endsWith('.css'))
      const page = bundle['verifier.html']
      if (page?.type !== 'asset' || scripts.length !== 1 || parts.length !== scripts.length + styles.length + 1) {
        throw new Error(`one page, one script and styles were expected, not ${parts.map((one) => one.fileName).join(', ')}`)
      }
      // An end tag inside a string would end the script.
      const script = `\n${textOf(scripts[0]!).trim().replaceAll('</script', '<\\/script')}\n`
      const style = `\n${[fontsFor(WORDS.map((path) => readFileSync(source(path), 'utf8')).join('')), ...styles.map(textOf)].join('\n').trim()}\n`
      const policy = ["default-src 'none'", `script-src ${hashed(script)}`, `style-src ${hashed(style)}`, 'img-src data:', 'font-src data:', "base-uri 'none'", "form-action 'none'"].join('; ')
      const bare = textOf(page).replace(/\s*<script[^>]*src=[^>]*><\/script>|\s*<link[^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/g, '')
      page.source = bare
        .replace('<meta charset="UTF-8" />', (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace('</head>', () => `<style>${style}</style>\n  </head>`)
        .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`)
      for (const one of [...scripts, ...styles]) delete bundle[one.fileName]
    },
  }
}

export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [vue(), oneFile()],
  resolve: { alias: [{ find: /^@\/i18n$/, replacement: source('./src/verifier/i18n.ts') }, { find: /^@\//, replacement: `${source('./src')}/` }] },
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    sourcemap: false,
    cssCodeSplit: false,
    modulePreload: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    rollupOptions: { input: source('./verifier.html') },
  },
})
