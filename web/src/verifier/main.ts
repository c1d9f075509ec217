import '../styles/tokens.css'
import '../styles/base.css'
import { createApp } from 'vue'
import { i18n } from './i18n'
import Verifier from './Verifier.vue'

createApp(Verifier).use(i18n).mount('#app')
