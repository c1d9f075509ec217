/** The reason last typed: many rows in a row are decided for the same one. */
import { ref } from 'vue'

export const lastReason = ref('')
