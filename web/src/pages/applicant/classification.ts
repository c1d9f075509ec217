/** The classification in force as a tree, loaded once a tab; names and levels above a code. */
import { shallowRef } from 'vue'
import { api, Refusal } from '@/api/client'
import { folded, readingsOf, spelt } from './pinyin'

interface Line {
  code: string
  name: string
  level: number
  parent: string | null
  leaf: boolean
  pinyin: string
}
export interface Specialty {
  code: string
  name: string
  path: string[]
  parent: string | null
  /** Every reading of each character of the name. */
  readings: string[][]
  children?: Specialty[]
}
export interface Classification {
  roots: Specialty[]
  byCode: Map<string, Specialty>
  version: string
}

/** "2018:A080205" → "A080205". */
export const bare = (code: string): string => code.split(':').at(-1) ?? code

/** Does a specialty fit what was typed: beginning of its code, part of its name, or its pinyin? */
export function fits(one: Pick<Specialty, 'code' | 'name' | 'readings'>, typed: string): boolean {
  const word = folded(bare(typed.trim()))
  if (!word) return true
  return bare(one.code).toLowerCase().startsWith(word) || folded(one.name).includes(word) || (/^[a-z0-9]+$/.test(word) && spelt(one.readings, word))
}

export function treeOf(lines: Line[]): Classification {
  const byCode = new Map<string, Specialty>()
  const roots: Specialty[] = []
  for (const line of lines) {
    const above = line.parent === null ? undefined : byCode.get(line.parent)
    const here: Specialty = { code: line.code, name: line.name, parent: line.parent, readings: readingsOf(line.pinyin), path: above ? [...above.path, above.name] : [] }
    byCode.set(line.code, here)
    if (above) (above.children ??= []).push(here)
    else roots.push(here)
  }
  return { roots, byCode, version: roots[0]?.code.split(':')[0] ?? '' }
}

const loaded = shallowRef<Classification | null>(null)
const trouble = shallowRef<Refusal | null>(null)
let asking: Promise<void> | null = null

export function useClassification() {
  asking ??= api
    .get<Line[]>('/api/classification/in-force/tree')
    .then((lines) => void (loaded.value = treeOf(lines)))
    .catch((cause: unknown) => {
      asking = null
      if (!(cause instanceof Refusal)) throw cause
      trouble.value = cause
    })
  return { classification: loaded, trouble }
}
