/** §§3, 8, 9: the members of every object, as readers. `test` = the leniency that policies of purpose test allow. */
import { byMember, flag, hex, integer, list, matching, object, oneOf, record, text, type Read, type Reader } from './shape'

const H32 = hex(32)
const U16 = integer(0, 0xffff)
const U32 = integer(0, 0xffffffff)
const step = integer(1, 0xffffffff)
const party = matching(/^[^\n]+$/)
/** A name in a note. What counts as a space differs between languages: here none may. */
const name = matching(/^[^\x00-\x20\x7f-\xa0+\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$/)
/** No pool is larger; a verifier must not be made to sort a hat of billions, nor to hash a chain for hours. */
const LIMITS = { hat: 2 ** 24, seats: 999, steps: 9999 }
const ABORTS = ['holder_silent', 'escrow_missing', 'escrow_bad', 'missed_window', 'deadline', 'withdrawn', 'no_feasible', 'hat_exhausted', 'steps_exhausted', 'beacon_missing'] as const

// ---- policy and manifest ------------------------------------------------

const forTest = <T extends object>(test: boolean, filled: T): T | object => (test ? filled : {})

export const policyReader = (test: boolean) =>
  object(
    {
      v: oneOf('BDP1-policy'),
      purpose: oneOf('production', 'test'),
      // Older test policies carry another word here.
      assurance: test ? text : oneOf('none', 'basic', 'full'),
      origin: name,
      log_key: H32,
      operator: text,
      witnesses: list(object({ name, key: H32, required: flag, body: text }, forTest(test, { body: '' }))),
      quorum: integer(),
      holders: list(
        object({ party, key: H32, seal: hex(32, true), body: text, home: test ? oneOf('own', 'page', '') : oneOf('own', 'page') }, forTest(test, { body: '', home: '' })),
      ),
      times: object({ cool: integer(), margin: integer(), t_rev: integer(), t_beacon: integer(), deadline: integer(), publish: integer() }),
      hat_min: integer(),
    },
    forTest(test, { operator: '' }),
  )

const whereReader = object({ codes: list(text), regions: list(U32), titles: list(text) })
export const drawReader = object({ project: text, section: text, seq: integer(1), prev: hex(32, true) })

export const manifestReader = (test: boolean) =>
  object(
    {
      v: oneOf('BDP1'),
      draw: drawReader,
      day: matching(/^\d{4}-\d{2}-\d{2}$/),
      book: object({ version: text, hash: hex(32, test) }),
      classification: text,
      regime: text,
      purpose: text,
      snapshot: object({ n: U32, root: H32 }),
      exclusions: object({ n: U32, root: H32 }),
      slots: list(object({ id: party, seats: integer(1, LIMITS.seats), n: integer(0, LIMITS.hat), hat: H32, where: whereReader }), 1),
      keep: list(object({ tag: hex(16), org: hex(16), region: U32 })),
      rules: object({ org_cap: integer(), regions: list(object({ set: list(U32), min: integer(), max: integer() })), a_max: integer() }),
      inputs: list(
        byMember('kind', {
          chain: object({ kind: oneOf('chain'), party, tip: H32 }),
          drand: object({ kind: oneOf('drand'), chain: H32, round: integer(1) }),
          dice: object({ kind: oneOf('dice') }),
        }),
      ),
      supp: object({ mode: oneOf('step', 'list'), max_steps: integer(0, LIMITS.steps) }),
      seal: object({ party: text, unseal_after: integer() }),
      escrow: list(object({ party, digest: H32 })),
      policy: H32,
    },
    forTest(test, { book: { version: '', hash: '' }, classification: '', regime: '', purpose: '' }),
  )

// ---- entries of the log ---------------------------------------------------

const type = <const T extends string>(word: T) => oneOf(word)

export const entryReader = byMember('type', {
  snapshot: object({ type: type('snapshot'), n: integer(), root: H32, epoch: integer(), registry: hex(64) }),
  manifest: object({ type: type('manifest'), M: H32, handle: H32 }),
  admission: object({ type: type('admission'), M: H32, accepted: integer(), party: text, sig: hex(64) }),
  dice: object({ type: type('dice'), M: H32, digits: matching(/^[0-9]{40,3900}$/) }),
  reveal: object({ type: type('reveal'), M: H32, party: text, j: U32, y: H32 }),
  share: object({ type: type('share'), M: H32, of: text, from: text, j: U32, share: H32 }),
  result: object({ type: type('result'), M: H32, step: U32, digest: H32 }),
  decline: object({ type: type('decline'), M: H32, seat: U16, step, class: oneOf('refused', 'unreachable', 'conflict', 'absent', 'unfit'), evidence: H32 }),
  abort: object({ type: type('abort'), M: H32, reason: oneOf(...ABORTS), party: text, sig: hex(64) }),
  unseal: object({ type: type('unseal'), M: H32 }),
  alarm: object({ type: type('alarm'), M: hex(32, true), party: text, code: text, sig: hex(64) }),
})

// ---- openings -------------------------------------------------------------

const attributes = { slot: U16, position: U32, salt_a: hex(16), tag: hex(16), org: hex(16), region: U32 }
const hashed = object({ ...attributes, F_id: H32, F_q: H32 })
const named = object({ ...attributes, salt_id: hex(24), identity: record, salt_q: hex(24), qualification: record })
export type Opening = Read<typeof hashed> | Read<typeof named>

const openingReader = (test: boolean): Reader<Opening> => (value, place) =>
  test && Object.hasOwn(record(value, place), 'identity') ? named(value, place) : hashed(value, place)

const proofReader = list(list(H32))
const joinedProof = object({ slot: U16, position: U32, index: U32, salt_id: hex(24), salt_q: hex(24), salt_a: hex(16), tag: hex(16), org: hex(16), proof: proofReader })
const none: Reader<never[]> = (value, place) => list((_, where): never => { throw new Error(`${where}: must be empty`) })(value, place)

const resultReader: Reader<PrimaryResult | StepResult> = (value, place) =>
  record(value, place).step === 0
    ? object({ M: H32, step: integer(0, 0), attempt: integer(), positions: list(list(U32)) })(value, place)
    : object({ M: H32, step, seat: U16, position: U32 })(value, place)
export interface PrimaryResult {
  M: string
  step: number
  attempt: number
  positions: number[][]
}
export interface StepResult {
  M: string
  step: number
  seat: number
  position: number
}

/** The bundle. Manifests stay as given: their hash is taken over what was given, and their form is a check of its own. */
export const bundleReader = (test: boolean) =>
  object({
    v: oneOf('BDP1-bundle'),
    policy: policyReader(test),
    manifest: record,
    handle_salt: hex(16),
    draws_before: list(manifestReader(test)),
    tips: list(object({ party, sig: hex(64) })),
    checkpoints: list(object({ note: text, consistency: list(H32) })),
    entries: list(object({ index: integer(), body: entryReader, path: list(H32) })),
    beacon: list(object({ input: U16, signature: hex(48) })),
    hats: list(object({ slot: U16, chunks: list(object({ level: integer(0, 255), chunk: U32, nodes: list(H32, 1) })) })),
    openings: list(openingReader(test)),
    results: list(object({ salt: hex(16), body: resultReader })),
    snapshot_proofs: test ? list(joinedProof) : none,
  })

export const identitiesReader = object({
  v: oneOf('BDP1-identities'),
  M: H32,
  members: list(
    object({
      slot: U16,
      position: U32,
      salt_id: hex(24),
      identity: record,
      salt_q: hex(24),
      qualification: record,
      snapshot: object({ index: U32, salt_id: hex(24), salt_q: hex(24), salt_a: hex(16), tag: hex(16), org: hex(16), proof: proofReader }),
    }),
    1,
  ),
})

export const qualificationReader = (test: boolean) => object({ codes: list(text), title: text, valid_to: text }, forTest(test, { title: '', valid_to: '' }))

export type Policy = Read<ReturnType<typeof policyReader>>
export type Manifest = Read<ReturnType<typeof manifestReader>>
export type Bundle = Read<ReturnType<typeof bundleReader>>
export type Entry = Bundle['entries'][number]
export type EntryBody = Entry['body']
export type EntryOf<T extends EntryBody['type']> = Omit<Entry, 'body'> & { body: Extract<EntryBody, { type: T }> }
export type Identities = Read<typeof identitiesReader>
