/** The provinces, asked once for a page: for the sites' region and for rules of the committee. */
import { shallowRef } from 'vue'
import { api, Refusal } from '@/api/client'

export interface Province {
  code: string
  name: string
}

export function useProvinces() {
  const provinces = shallowRef<Province[]>([])
  api
    .get<Province[]>('/api/regions', { query: { level: 1 } })
    .then((found) => (provinces.value = found))
    .catch((cause: unknown) => {
      if (!(cause instanceof Refusal)) throw cause
    })
  return provinces
}
