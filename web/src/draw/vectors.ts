/** Test help: the shared vectors of the repository. Only tests import this. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function vectors<T>(name: string): T {
  const path = fileURLToPath(new URL(`../../../tests/vectors/${name}`, import.meta.url))
  if (!existsSync(path)) throw new Error(`vectors are missing: ${path}`)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
