import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'

// The Host stays as the browser sent it: the server refuses commands whose Origin is another one.
const target = process.env.EXPERT_DRAW_SERVER ?? 'http://127.0.0.1:8000'
const proxy = { '/api': { target, changeOrigin: false }, '/log': { target, changeOrigin: false }, '/ws': { target, changeOrigin: false, ws: true } }

export default defineConfig({
  base: '/',
  // Element Plus parts are resolved on demand; our own components are imported by name.
  plugins: [vue(), Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver()] })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { outDir: 'dist', target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 900 },
  server: {
    fs: { allow: ['..'] },
    proxy,
  },
  preview: { proxy },
  test: {
    testTimeout: 60_000, // whole bundles are verified here, also on a machine that is busy
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
