/** What the checks know, filled in as they run: a later check may rely on everything an earlier one established. */
import type { Bundle, Entry, EntryBody, EntryOf, Manifest, Opening } from './bundle-form'
import type { Bytes } from './bytes'
import type { Json } from './canon'
import type { Checkpoint, Cosignature } from './note'
import type { Member } from './selection'

/** A check does not hold. `detail` is for the evidence shown, in plain words for auditors. */
export class Fails extends Error {}

/** The log that was asked on line does not answer: nothing is known, for or against. */
export class LogSilent extends Error {}

/** The log on line. */
export interface PublicLog {
  /** Its newest checkpoint, a signed note. */
  checkpoint(): Promise<string>
  /** Leaf data of the entries from `start` to before `end` of the log of `size`. */
  entries(start: number, end: number, size: number): Promise<Bytes[]>
  /** The proof that the log of `to` entries begins with that of `from`. */
  consistency(from: number, to: number): Promise<Bytes[]>
}

export function must(holds: boolean, detail: string): asserts holds {
  if (!holds) throw new Fails(detail)
}

/** A member of the draw: where it stands in which hat. */
export interface Place {
  slot: number
  position: number
}

export interface Revealed {
  y: Bytes
  indices: number[]
}

export interface Asked {
  /** What the person believes this is. */
  purpose: 'production' | 'test'
  /** Policy hashes trusted. For purpose test it may be empty: then the bundle's own policy is taken, and nothing is proved by it. */
  pinned: readonly string[]
  /** Canonical bytes of an identities file. */
  identities?: Uint8Array
  /** Given = the log is to be read on line. */
  log?: PublicLog
}

export class Case {
  raw!: { [key: string]: Json }
  bundle!: Bundle
  manifest!: Manifest
  M = ''
  Mbytes!: Bytes
  checkpoints: { note: Checkpoint; counted: Cosignature[] }[] = []
  freeze!: EntryOf<'manifest'>
  freezeSize = 0
  /** Values of the chain inputs: party → y_0..y_J (list mode: y_0 only), with the indices of the entries that gave each. */
  chains = new Map<string, Revealed[]>()
  /** All other openings by "slot:position". */
  opened = new Map<string, Opening>()
  /** Final members by seat, after all steps. */
  seats: Place[] = []
  /** Tags of everybody seated so far. */
  drawn = new Set<string>()
  notChecked = new Set<string>()
  /** Empty until computed: a draw that failed before is not called anything. */
  assurance: '' | 'none' | 'basic' | 'full' = ''

  constructor(
    readonly bytes: Uint8Array,
    readonly asked: Asked,
  ) {}

  get test(): boolean {
    return this.bundle.policy.purpose === 'test'
  }
  get sealed(): string {
    return this.manifest.seal.party
  }
  /** J: how many supplementary steps the bundle reports. */
  get steps(): number {
    return Math.max(0, this.bundle.results.length - 1)
  }
  get chainInputs(): { party: string; tip: string }[] {
    return this.manifest.inputs.flatMap((input) => (input.kind === 'chain' ? [input] : []))
  }
  get last(): Checkpoint {
    return this.checkpoints.at(-1)!.note
  }

  /** Entries of this draw of one type, ascending. */
  of<T extends EntryBody['type']>(type: T): EntryOf<T>[] {
    const isOne = (entry: Entry): entry is Entry & EntryOf<T> => entry.body.type === type
    return this.bundle.entries.filter(isOne).filter((entry) => !('M' in entry.body) || entry.body.M === this.M)
  }

  /** Size of the first checkpoint of the bundle that holds the entry. */
  sizeWith(index: number): number {
    const found = this.checkpoints.find(({ note }) => note.size > index)
    must(found !== undefined, `no checkpoint holds entry ${index}`)
    return found.note.size
  }

  /** Newest and oldest counted time of an entry: newest when it must be early, oldest when it must be late. */
  timesOf(index: number): { newest: number; oldest: number } {
    const found = this.checkpoints.find(({ note }) => note.size > index)
    must(found !== undefined && found.counted.length > 0, `no counted time for entry ${index}`)
    const times = found.counted.map((one) => one.time)
    return { newest: Math.max(...times), oldest: Math.min(...times) }
  }

  memberAt = (slot: number, position: number): Member | null => this.opened.get(`${slot}:${position}`) ?? null

  /** Slot of a seat; seats count through the slots in manifest order. */
  slotOf(seat: number): number | null {
    let first = 0
    for (const [s, slot] of this.manifest.slots.entries()) {
      if (seat < first + slot.seats) return s
      first += slot.seats
    }
    return null
  }
}
