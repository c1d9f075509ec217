/** Checks 4–9, 12, 13 and 21: the log says so, in this order, at these times. */
import { concat, equal, fromHex, toHex, sha256, utf8, type Bytes } from './bytes'
import { canon, readCanonical, type Json } from './canon'
import { must, type Case, type PublicLog } from './case'
import { chainStep } from './checks-draw'
import { hashOf } from './checks-form'
import { cosignatures, readCheckpoint, signedByLog } from './note'
import { logConsistent, logIncludes, logLeaf, logRootOfTail } from './trees'

/** drand quicknet: the only chain this suite knows. Times are Unix seconds. */
const QUICKNET = { chain: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971', genesis: 1692803367, period: 3 }

export async function checkpointSigned(c: Case): Promise<void> {
  const { policy } = c.bundle
  const witnesses = policy.witnesses.map((witness) => ({ name: witness.name, key: fromHex(witness.key) }))
  must(c.bundle.checkpoints.length > 0, 'no checkpoint')
  for (const { note: whole } of c.bundle.checkpoints) {
    const note = readCheckpoint(whole)
    must(note.origin === policy.origin, `origin ${note.origin}`)
    must(await signedByLog(note, policy.origin, fromHex(policy.log_key)), `checkpoint ${note.size}: signature of the log`)
    const counted = await cosignatures(note, witnesses)
    const names = new Set(counted.map((one) => one.name))
    for (const witness of policy.witnesses) must(!witness.required || names.has(witness.name), `checkpoint ${note.size}: ${witness.name} has not signed`)
    must(names.size >= policy.quorum, `checkpoint ${note.size}: ${names.size} of ${policy.quorum} witnesses`)
    // A line that nobody of the policy made could be altered unseen: bundles carry none.
    must(names.size === counted.length && note.lines.length === 1 + counted.length, `checkpoint ${note.size}: a signature of nobody in the policy`)
    c.checkpoints.push({ note, counted })
  }
}

export async function checkpointConsistent(c: Case): Promise<void> {
  for (const [i, { note }] of c.checkpoints.entries()) {
    const proof = c.bundle.checkpoints[i]!.consistency.map(fromHex)
    const before = c.checkpoints[i - 1]?.note
    if (!before) must(proof.length === 0, 'the first checkpoint needs no proof')
    else must(before.size < note.size && (await logConsistent(before.size, before.root, note.size, note.root, proof)), `checkpoint ${note.size} does not follow from ${before.size}`)
  }
}

export async function entryIncluded(c: Case): Promise<void> {
  let before = -1
  for (const { index, body, path } of c.bundle.entries) {
    must(index > before, 'indices must ascend strictly')
    must(await logIncludes(await logLeaf(canon(body)), index, c.last.size, path.map(fromHex), c.last.root), `entry ${index} is not in the log`)
    before = index
  }
}

export async function entryManifest(c: Case): Promise<void> {
  const [entry, ...more] = c.of('manifest')
  must(entry !== undefined && more.length === 0, 'the manifest must be logged exactly once')
  must(entry.body.handle === (await handleOf(c)), 'the handle does not open')
  must(c.of('abort').length === 0, 'the draw was aborted')
  c.freeze = entry
  c.freezeSize = c.sizeWith(entry.index)
}

async function handleOf(c: Case): Promise<string> {
  const { project, section } = c.manifest.draw
  return toHex(await sha256(utf8('BDP1/handle\0'), fromHex(c.bundle.handle_salt), canon({ project, section })))
}

export async function drawSequence(c: Case): Promise<void> {
  const { draw } = c.manifest
  must(c.bundle.draws_before.length === draw.seq - 1, `${draw.seq - 1} draws before are needed`)
  let prev = ''
  const given = c.raw.draws_before as Json[]
  for (const [i, { draw: before }] of c.bundle.draws_before.entries()) {
    must(before.seq === i + 1 && before.prev === prev, `draw ${i + 1} is not linked`)
    must(before.project === draw.project && before.section === draw.section, `draw ${i + 1} is of another section`)
    prev = await hashOf('BDP1/manifest', given[i])
    const own = c.bundle.entries.map((entry) => entry.body).filter((body) => 'M' in body && body.M === prev)
    const logged = own.filter((body) => body.type === 'manifest')
    must(logged.length === 1 && logged[0]!.handle === c.freeze.body.handle, `draw ${i + 1}: manifest or handle`)
    must(own.some((body) => body.type === 'abort' || body.type === 'unseal'), `draw ${i + 1} has no end`)
    const aborted = own.findIndex((body) => body.type === 'abort')
    must(aborted < 0 || own.slice(aborted + 1).every((body) => body.type === 'unseal'), `draw ${i + 1} went on after its abort`)
  }
  must(draw.prev === prev, 'prev is not the draw before')
}

export async function snapshotAge(c: Case): Promise<void> {
  const { n, root } = c.manifest.snapshot
  const [entry, ...more] = c.of('snapshot').filter(({ body }) => body.n === n && body.root === root)
  must(entry !== undefined && more.length === 0, 'the snapshot must be logged exactly once')
  const { cool } = c.bundle.policy.times
  must(c.timesOf(entry.index).newest + cool <= c.timesOf(c.freeze.index).oldest, `the snapshot is younger than ${cool} s at the freeze`)
}

export async function orderFreeze(c: Case): Promise<void> {
  for (const { index } of [...c.of('reveal'), ...c.of('share'), ...c.of('dice')]) must(index >= c.freezeSize, `entry ${index} stands before the freeze checkpoint`)
  const first = [...c.chains.values()].flat().reduce((least, one) => Math.min(least, ...one.indices), Infinity)
  for (const { index } of c.of('dice')) must(index < first, 'dice after a reveal')
}

export async function orderBeacon(c: Case): Promise<void> {
  const early = [c.freeze.index, ...[...c.chains].filter(([party]) => party !== c.sealed).flatMap(([, values]) => values[0]!.indices)]
  for (const input of c.manifest.inputs) {
    if (input.kind !== 'drand') continue
    must(input.chain === QUICKNET.chain, 'another beacon chain')
    const due = BigInt(QUICKNET.genesis) + BigInt(input.round - 1) * BigInt(QUICKNET.period) - BigInt(c.bundle.policy.times.margin)
    for (const index of early) must(BigInt(c.timesOf(index).newest) <= due, `entry ${index} is too late for round ${input.round}`)
  }
  const unseals = c.of('unseal')
  must(unseals.length === 1, 'exactly one unseal')
  for (const index of [unseals[0]!.index, ...(await ownReveals(c))]) must(c.timesOf(index).oldest >= c.manifest.seal.unseal_after, `entry ${index} stands before unseal_after`)
}

/** Entries that give away a value of the sealed holder's chain, whatever number they bear; others in its name prove nothing. */
async function ownReveals(c: Case): Promise<number[]> {
  const found: number[] = []
  const tip = c.chainInputs.find((input) => input.party === c.sealed)?.tip
  for (const { index, body } of c.of('reveal')) {
    if (tip === undefined || body.party !== c.sealed) continue
    let value = fromHex(body.y)
    for (let j = 0; j <= c.manifest.supp.max_steps && toHex(value) !== tip; j += 1) value = await chainStep(value)
    if (toHex(value) === tip) found.push(index)
  }
  return found
}

/** On line: the log has grown from the last checkpoint of the bundle, and everything from the freeze to it is read, proved and searched. */
export async function logComplete(c: Case): Promise<'passed' | 'not checked'> {
  const { log } = c.asked
  if (!log) return 'not checked'
  const size = await grown(c, log)
  const start = c.freeze.index
  const data = await log.entries(start, c.last.size, size)
  must(data.length === c.last.size - start, 'the log gave too few entries')
  const leaves: Bytes[] = []
  for (const one of data) leaves.push(await logLeaf(one))
  const root = await logRootOfTail(leaves, start, c.freeze.path.map(fromHex))
  must(root !== null && equal(root, c.last.root), 'what the log gave is not what was signed')

  const held = new Set(c.bundle.entries.map((entry) => entry.index))
  const handle = c.freeze.body.handle
  for (const [i, one] of data.entries()) {
    const body = readCanonical(concat(one)) as { M?: unknown; handle?: unknown }
    must((body.M !== c.M && body.handle !== handle) || held.has(start + i), `entry ${start + i} belongs to this draw and is not in the bundle`)
  }
  return 'passed'
}

/** Size of the log as it is now, once it is shown to be the one of the bundle. */
async function grown(c: Case, log: PublicLog): Promise<number> {
  const { origin, log_key } = c.bundle.policy
  const now = readCheckpoint(await log.checkpoint())
  must(now.origin === origin && (await signedByLog(now, origin, fromHex(log_key))), 'another log answers')
  must(now.size >= c.last.size, 'the log is shorter than the bundle')
  const proof = await log.consistency(c.last.size, now.size)
  must(await logConsistent(c.last.size, c.last.root, now.size, now.root, proof), 'the log is another than the one of the bundle')
  return now.size
}
