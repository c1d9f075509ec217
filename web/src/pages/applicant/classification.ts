/** The 2018 classification as a tree, loaded once a tab; names and levels above a code. */
import { shallowRef } from 'vue'
import { api, Refusal } from '@/api/client'

interface Line {
  code: string
  name: string
  level: number
  parent: string | null
  leaf: boolean
}
export interface Specialty {
  code: string
  name: string
  path: string[]
  parent: string | null
  children?: Specialty[]
}
export interface Classification {
  roots: Specialty[]
  byCode: Map<string, Specialty>
}

/** "2018:A080205" → "A080205". */
export const bare = (code: string): string => code.split(':').at(-1) ?? code

export function treeOf(lines: Line[]): Classification {
  const byCode = new Map<string, Specialty>()
  const roots: Specialty[] = []
  for (const line of lines) {
    const above = line.parent === null ? undefined : byCode.get(line.parent)
    const here: Specialty = { code: line.code, name: line.name, parent: line.parent, path: above ? [...above.path, above.name] : [] }
    byCode.set(line.code, here)
    if (above) (above.children ??= []).push(here)
    else roots.push(here)
  }
  return { roots, byCode }
}

const loaded = shallowRef<Classification | null>(null)
const trouble = shallowRef<Refusal | null>(null)
let asking: Promise<void> | null = null

export function useClassification() {
  asking ??= api
    .get<Line[]>('/api/classification/2018/tree')
    .then((lines) => void (loaded.value = treeOf(lines)))
    .catch((cause: unknown) => {
      asking = null
      if (!(cause instanceof Refusal)) throw cause
      trouble.value = cause
    })
  return { classification: loaded, trouble }
}
