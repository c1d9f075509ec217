/// <reference types="vite/client" />
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
declare module '@fontsource-variable/noto-sans-sc'
declare module '@fontsource-variable/noto-serif-sc'
declare module '@fontsource/ibm-plex-mono'
