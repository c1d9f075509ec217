/** §9 "Expert": what the one concerned was told of a draw, checked against the manifest that everybody can read. */
import { manifestReader, type Bundle, type Manifest } from './bundle-form'
import { fromHex, sha256, toHex, unsigned, utf8, type Bytes } from './bytes'
import { hashOf } from './checks-form'
import { idHash, leafHash, qualificationHash } from './checks-draw'
import { hex, integer, list, object, oneOf, record, text, type Read } from './shape'
import { w256Includes } from './trees'

const proof = list(list(hex(32)))
const placeReader = object({
  slot: integer(0, 0xffff), position: integer(0, 0xffffffff), salt_a: hex(16), tag: hex(16), org: hex(16), region: integer(0, 0xffffffff),
  salt_id: hex(24), identity: record, salt_q: hex(24), qualification: record, proof,
})
const exclusionReader = object({ tag: hex(16), reason: integer(1, 0xffff), salt: hex(16), index: integer(0, 0xffffffff), proof })
const declineReader = object({ seat: integer(0, 0xffff), class: oneOf('refused', 'unreachable', 'conflict', 'absent', 'unfit'), salt: hex(16), evidence: text })
const answerReader = object({ hats: list(placeReader), exclusions: list(exclusionReader), declines: list(declineReader), listed: integer(0, 0xffff), pad: text })

export type OwnAnswer = Read<typeof answerReader>

/** `hat`: in the hats. `out`: left out, for `reason`. `neither`: no answer at all. `fails`: an answer that the log does not bear. */
export interface OwnVerdict {
  word: 'hat' | 'out' | 'neither' | 'fails'
  reason: number
  slots: number[]
  /** Why it fails, for auditors. */
  detail: string
}

const bytes = (nodes: readonly (readonly string[])[]): Bytes[][] => nodes.map((chunk) => chunk.map(fromHex))

/** Never throws for what was told. `M` is the hash of the draw's manifest as the log has it; `given` is not trusted to have it. */
export async function checkOwn(M: string, given: unknown, told: unknown): Promise<OwnVerdict> {
  const failed = (detail: string): OwnVerdict => ({ word: 'fails', reason: 0, slots: [], detail })
  try {
    if ((await hashOf('BDP1/manifest', given)) !== M) return failed('the manifest is another one')
    const manifest = manifestReader(true)(given, 'manifest')
    const answer = answerReader(told, 'answer')
    for (const one of answer.hats) if (!(await inHat(manifest, one))) return failed(`slot ${one.slot}: not in the hat`)
    for (const one of answer.exclusions) if (!(await isOut(manifest, one))) return failed('not among the exclusions')
    if (answer.hats.length > 0 && answer.exclusions.length > 0) return failed('in a hat and left out')
    const slots = answer.hats.map((one) => one.slot)
    if (new Set(slots).size !== slots.length) return failed('one slot twice')
    const [out] = answer.exclusions
    if (out) return { word: 'out', reason: out.reason, slots, detail: '' }
    return { word: slots.length ? 'hat' : 'neither', reason: 0, slots, detail: '' }
  } catch (cause) {
    return failed(cause instanceof Error ? cause.message : 'unreadable')
  }
}

/** Does the log hold what is said against the own name: a decline of this seat with this evidence? */
export async function declineLogged(bundle: Bundle, one: OwnAnswer['declines'][number]): Promise<boolean> {
  const digest = toHex(await sha256(utf8('BDP1/evidence\0'), fromHex(one.salt), fromHex(one.evidence)))
  return bundle.entries.some(({ body }) => body.type === 'decline' && body.seat === one.seat && body.class === one.class && body.evidence === digest)
}

async function inHat(manifest: Manifest, one: OwnAnswer['hats'][number]): Promise<boolean> {
  const slot = manifest.slots[one.slot]
  if (!slot) return false
  const leaf = await leafHash(await idHash(one.salt_id, one.identity), await qualificationHash(one.salt_q, one.qualification), one)
  return w256Includes(leaf, one.position, slot.n, bytes(one.proof), fromHex(slot.hat))
}

async function isOut(manifest: Manifest, one: OwnAnswer['exclusions'][number]): Promise<boolean> {
  const leaf = await sha256(new Uint8Array([3]), fromHex(one.tag), unsigned(one.reason, 2), fromHex(one.salt))
  const { n, root } = manifest.exclusions
  return w256Includes(leaf, one.index, n, bytes(one.proof), fromHex(root))
}
