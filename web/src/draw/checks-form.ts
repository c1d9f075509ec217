/** Checks 1–3 and 19: what the file is, whose policy it names, what its label may say. */
import { bundleReader, manifestReader } from './bundle-form'
import { fromHex, sha256, toHex, utf8 } from './bytes'
import { canon, readCanonical, type Json } from './canon'
import { must, type Case } from './case'

const MAX_BYTES = 64 * 1024 * 1024
const A_MAX = 1 << 20
const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length

export const hashOf = async (domain: string, value: unknown): Promise<string> => toHex(await sha256(utf8(`${domain}\0`), canon(value)))

export async function bundleForm(c: Case): Promise<void> {
  must(c.bytes.length <= MAX_BYTES, 'larger than 64 MiB')
  c.raw = readCanonical(c.bytes) as { [key: string]: Json }
  const policy = c.raw.policy as { purpose?: unknown } | undefined
  c.bundle = bundleReader(policy?.purpose === 'test')(c.raw, 'bundle')
  const { witnesses, holders } = c.bundle.policy
  must(distinct(witnesses.map((one) => one.name)) && distinct(holders.map((one) => one.party)), 'a witness or holder twice in the policy')
  for (const entry of c.bundle.entries) must(canon(entry.body).length <= 4096, `entry ${entry.index} is longer than 4096 bytes`)
  c.M = await hashOf('BDP1/manifest', c.raw.manifest)
  c.Mbytes = fromHex(c.M)
}

export async function policyPinned(c: Case): Promise<void> {
  const hash = await hashOf('BDP1/policy', c.raw.policy)
  must(c.bundle.manifest.policy === hash, 'the manifest names another policy')
  must(c.bundle.policy.purpose === c.asked.purpose, `policy purpose is ${c.bundle.policy.purpose}`)
  const unpinnedTest = c.asked.purpose === 'test' && c.asked.pinned.length === 0
  must(unpinnedTest || c.asked.pinned.includes(hash), `policy ${hash} is not one of the pinned ones`)
}

export async function manifestForm(c: Case): Promise<void> {
  c.manifest = manifestReader(c.test)(c.bundle.manifest, 'manifest')
  const { slots, rules, draw, seal, escrow } = c.manifest
  const chains = c.chainInputs
  const parties = chains.map((input) => input.party)
  must(chains.length >= 2, 'fewer than two chains')
  must(distinct(parties) && distinct(chains.map((input) => input.tip)), 'parties and tips must be distinct')
  must(distinct(slots.map((slot) => slot.id)), 'slot ids must be distinct')
  for (const slot of slots) {
    must(slot.n >= c.bundle.policy.hat_min * slot.seats && slot.n >= slot.seats, `slot ${slot.id}: ${slot.n} in the hat are too few`)
  }
  for (const rule of rules.regions) {
    must(rule.min <= rule.max, 'region rule: min above max')
    must(rule.set.every((region, i, all) => i === 0 || region > all[i - 1]!), 'region set must ascend strictly')
  }
  must(rules.org_cap >= 1 && rules.a_max === A_MAX, 'org_cap or a_max')
  must((draw.prev === '') === (draw.seq === 1), 'prev and seq do not fit')
  must(seal.party === '' || parties.includes(seal.party), 'the sealing party gives no chain')
  must(c.manifest.keep.every((one, i, all) => i === 0 || one.tag > all[i - 1]!.tag), 'kept members must ascend by tag')
  const complete = escrow.length >= 3 && escrow.length === parties.length && escrow.every((one, i) => one.party === parties[i])
  must(escrow.length === 0 || complete, 'escrow must name all chain holders in order, three or more')
}

const RANK = ['none', 'basic', 'full'] as const

export async function assuranceMet(c: Case): Promise<void> {
  c.assurance = computedAssurance(c)
  if (c.test) return
  const label = RANK.findIndex((word) => word === c.bundle.policy.assurance)
  must(label >= 0 && label <= RANK.indexOf(c.assurance), `the label says ${c.bundle.policy.assurance}, what holds is ${c.assurance}`)
}

/** §5: the highest line that holds. Bodies are counted, not keys; empty bodies count as one. */
export function computedAssurance(c: Case): (typeof RANK)[number] {
  const { policy } = c.bundle
  const holders = c.chainInputs.map(({ party }) => policy.holders.find((holder) => holder.party === party))
  const bodies = new Set(holders.map((holder) => holder?.body ?? ''))
  const outsideRequired = policy.witnesses.some((witness) => witness.required && witness.body !== policy.operator)
  if (policy.purpose !== 'production' || bodies.size < 2 || !outsideRequired) return 'none'

  const own = new Set(holders.filter((holder) => holder?.home === 'own').map((holder) => holder?.body))
  const given = new Set<string>(c.manifest.inputs.map((input) => input.kind))
  const [beacon, dice] = [given.has('drand'), given.has('dice')]
  const escrowed = c.manifest.escrow.length > 0
  const full =
    own.size + Number(beacon) + Number(dice) >= 3 && (beacon || escrowed) && (c.sealed === '' || escrowed) && c.checkpoints.every(({ counted }) => independent(c, counted)) && c.notChecked.size === 0
  return full ? 'full' : 'basic'
}

/** Cosigned by two bodies, one of them neither the operator's nor the supervisor's (the required witness's)? */
function independent(c: Case, counted: readonly { name: string }[]): boolean {
  const { witnesses, operator } = c.bundle.policy
  const near = new Set([operator, ...witnesses.filter((witness) => witness.required).map((witness) => witness.body)])
  const bodies = new Set(counted.map(({ name }) => witnesses.find((witness) => witness.name === name)?.body ?? ''))
  return bodies.size >= 2 && [...bodies].some((body) => body !== '' && !near.has(body))
}
