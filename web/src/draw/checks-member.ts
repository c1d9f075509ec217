/** Check 20: the people named are the ones committed, and fit the place they took. */
import { identitiesReader, qualificationReader } from './bundle-form'
import { equal, fromHex, type Bytes } from './bytes'
import { readCanonical } from './canon'
import { must, type Case } from './case'
import { idHash, leafHash, qualificationHash } from './checks-draw'
import { w256Includes } from './trees'

interface Named {
  slot: number
  position: number
  salt_id: string
  identity: Record<string, unknown>
  salt_q: string
  qualification: Record<string, unknown>
  snapshot: { index: number; salt_id: string; salt_q: string; salt_a: string; tag: string; org: string; proof: string[][] }
}

export async function memberNamed(c: Case): Promise<'passed' | 'withheld'> {
  const members = [...joined(c), ...(c.asked.identities ? separate(c, c.asked.identities) : [])]
  if (members.length === 0) return 'withheld'
  const final = new Set(c.seats.map(({ slot, position }) => `${slot}:${position}`))
  const indices = new Map<string, number>()
  for (const one of members) {
    must(final.has(`${one.slot}:${one.position}`), `slot ${one.slot}, position ${one.position} is no final member`)
    await mustFit(c, one)
    indices.set(`${one.slot}:${one.position}`, one.snapshot.index)
  }
  // One person under two pseudonyms would pass the rule on equal tags.
  must(new Set(indices.values()).size === indices.size, 'one expert in two seats')
  return 'passed'
}

function separate(c: Case, bytes: Uint8Array): Named[] {
  const file = identitiesReader(readCanonical(bytes), 'identities')
  must(file.M === c.M, 'the identities belong to another draw')
  for (const [i, one] of file.members.entries()) {
    const before = file.members[i - 1]
    must(!before || one.slot > before.slot || (one.slot === before.slot && one.position > before.position), 'members must ascend')
  }
  return file.members
}

/** Joined form, purpose test only: all final members are named in the bundle, with snapshot proofs in seat order. */
function joined(c: Case): Named[] {
  const proofs = c.bundle.snapshot_proofs
  const named = c.bundle.openings.filter((one) => 'identity' in one)
  if (proofs.length === 0 && named.length === 0) return []
  const inOrder = proofs.length === c.seats.length && proofs.every((proof, i) => proof.slot === c.seats[i]!.slot && proof.position === c.seats[i]!.position)
  must(named.length === proofs.length && inOrder, 'every final member must be named, in seat order')
  return named.map((one) => {
    const snapshot = proofs.find((proof) => proof.slot === one.slot && proof.position === one.position)
    must(snapshot !== undefined, `slot ${one.slot}, position ${one.position}: no snapshot proof`)
    return { ...one, snapshot }
  })
}

async function mustFit(c: Case, one: Named): Promise<void> {
  const place = `slot ${one.slot}, position ${one.position}`
  const opening = c.opened.get(`${one.slot}:${one.position}`)!
  const [F_id, F_q] = [await idHash(one.salt_id, one.identity), await qualificationHash(one.salt_q, one.qualification)]
  if ('F_id' in opening) must(equal(F_id, fromHex(opening.F_id)) && equal(F_q, fromHex(opening.F_q)), `${place}: not the one committed`)

  const inner = one.snapshot
  const leaf = await leafHash(await idHash(inner.salt_id, one.identity), await qualificationHash(inner.salt_q, one.qualification), { ...inner, region: opening.region })
  const proof: Bytes[][] = inner.proof.map((chunk) => chunk.map(fromHex))
  must(await w256Includes(leaf, inner.index, c.manifest.snapshot.n, proof, fromHex(c.manifest.snapshot.root)), `${place}: not in the snapshot`)

  const { codes, title } = qualificationReader(c.test)(one.qualification, 'qualification')
  const where = c.manifest.slots[one.slot]!.where
  must(codes.some((code) => where.codes.some((start) => code.startsWith(start))), `${place}: no code fits`)
  must(where.regions.length === 0 || where.regions.includes(opening.region), `${place}: the region does not fit`)
  must(where.titles.length === 0 || where.titles.includes(title), `${place}: the title does not fit`)
}
