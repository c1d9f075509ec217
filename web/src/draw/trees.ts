/** §2 the wide tree over hats, exclusions and snapshot; §8 the log's tree (RFC 6962). */
import { equal, sha256, unsigned, type Bytes } from './bytes'

const WIDTH = 256
const byte = (value: number): Bytes => new Uint8Array([value])

// ---- W256 -------------------------------------------------------------

const parentOf = (level: number, children: readonly Bytes[]): Promise<Bytes> => sha256(byte(1), byte(level), ...children)

const rootOver = (n: number, top: Bytes | null): Promise<Bytes> => sha256(byte(2), unsigned(n, 8), ...(top ? [top] : []))

/** Number of levels of a tree over n ≥ 1 leaves; at least one. */
export function w256Levels(n: number): number {
  let levels = 0
  for (let count = n; levels === 0 || count > 1; count = Math.ceil(count / WIDTH)) levels += 1
  return levels
}

export async function w256Root(leaves: readonly Bytes[]): Promise<Bytes> {
  if (leaves.length === 0) return rootOver(0, null)
  let nodes = leaves
  for (let level = 0; level < w256Levels(leaves.length); level += 1) {
    const parents: Bytes[] = []
    for (let at = 0; at < nodes.length; at += WIDTH) parents.push(await parentOf(level, nodes.slice(at, at + WIDTH)))
    nodes = parents
  }
  return rootOver(leaves.length, nodes[0] ?? null)
}

/** Does `proof` (one whole chunk of nodes per level) show `leaf` at `index` of the tree over n leaves with this root? */
export async function w256Includes(leaf: Bytes, index: number, n: number, proof: readonly (readonly Bytes[])[], root: Bytes): Promise<boolean> {
  if (index < 0 || index >= n || proof.length !== w256Levels(n)) return false
  let node = leaf
  let at = index
  let count = n
  for (const [level, chunk] of proof.entries()) {
    const which = Math.floor(at / WIDTH)
    const member = chunk[at % WIDTH]
    if (chunk.length !== Math.min(WIDTH, count - WIDTH * which) || !member || !equal(member, node)) return false
    node = await parentOf(level, chunk)
    at = which
    count = Math.ceil(count / WIDTH)
  }
  return count === 1 && equal(await rootOver(n, node), root)
}

// ---- RFC 6962 ---------------------------------------------------------

export const logLeaf = (data: Uint8Array): Promise<Bytes> => sha256(byte(0), data)
export const logNode = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(byte(1), left, right)

const odd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)

/** Largest power of two below n (n ≥ 2): where RFC 6962 splits. */
export function split(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

/** Root over leaf hashes; SHA-256 of nothing for an empty log. */
export async function logRoot(leaves: readonly Bytes[]): Promise<Bytes> {
  const [first] = leaves
  if (!first) return sha256()
  if (leaves.length === 1) return first
  const k = split(leaves.length)
  return logNode(await logRoot(leaves.slice(0, k)), await logRoot(leaves.slice(k)))
}

/** RFC 9162 §2.1.3.2. */
export async function logIncludes(leaf: Bytes, index: number, size: number, path: readonly Bytes[], root: Bytes): Promise<boolean> {
  if (index < 0 || index >= size) return false
  let [fn, sn, r] = [index, size - 1, leaf]
  for (const p of path) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      r = await logNode(p, r)
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      r = await logNode(r, p)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && equal(r, root)
}

/** RFC 9162 §2.1.4.2; also true for equal sizes with equal roots and from the empty log, both with an empty proof. */
export async function logConsistent(from: number, fromRoot: Bytes, to: number, toRoot: Bytes, proof: readonly Bytes[]): Promise<boolean> {
  if (from > to || from < 0) return false
  if (from === to) return proof.length === 0 && equal(fromRoot, toRoot)
  if (from === 0) return proof.length === 0 && equal(fromRoot, await sha256())
  // Math.log2 alone rounds: it takes 2^50 + 1 for a power of two.
  const whole = 2 ** Math.round(Math.log2(from)) === from
  const path = whole ? [fromRoot, ...proof] : [...proof]
  const [first, ...rest] = path
  if (!first || proof.length === 0) return false
  let [fn, sn] = [from - 1, to - 1]
  while (odd(fn)) [fn, sn] = [half(fn), half(sn)]
  let [fr, sr] = [first, first]
  for (const c of rest) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      fr = await logNode(c, fr)
      sr = await logNode(c, sr)
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      sr = await logNode(sr, c)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && equal(fr, fromRoot) && equal(sr, toRoot)
}

/**
 * Root of a log of which only the tail is known: leaf hashes from `start` on, and the inclusion path of leaf `start`.
 * The path's left neighbours are exactly the subtrees before `start`.
 */
export async function logRootOfTail(tail: readonly Bytes[], start: number, path: readonly Bytes[]): Promise<Bytes | null> {
  const left = [...path]
  const over = async (from: number, to: number): Promise<Bytes | null> => {
    if (to <= start) return null
    if (from >= start) return logRoot(tail.slice(from - start, to - start))
    const middle = from + split(to - from)
    // Top-down, so neighbours are taken from the end of the path, whether they are needed or not.
    const neighbour = left.pop()
    if (!neighbour) return null
    if (start < middle) {
      const [inner, right] = [await over(from, middle), await over(middle, to)]
      return inner && right ? logNode(inner, right) : null
    }
    const inner = await over(middle, to)
    return inner ? logNode(neighbour, inner) : null
  }
  return over(0, start + tail.length)
}

