/** The holder's own memory, on this machine: what was released to which draw, and the newest checkpoint cosigned. */

/** One tip, one manifest; one release per (tip, j). */
export interface TipRecord {
  tip: string
  drawId: string
  /** Canonical text of the draw the tip was signed for. */
  draw: string
  /** The one manifest this tip may stand in; "" until the first release. */
  M: string
  /** Steps released, to that manifest only. */
  released: number[]
}
export interface Witnessed {
  origin: string
  size: number
  root: string
}
/** The log and the witnesses this holder trusts, as `anchorOf` writes them. */
export interface Trusted {
  id: 'anchor'
  text: string
}
export interface Journal {
  tip: (tip: string) => Promise<TipRecord | null>
  keepTip: (record: TipRecord) => Promise<void>
  witnessed: (origin: string) => Promise<Witnessed | null>
  keepWitnessed: (one: Witnessed) => Promise<void>
  trusted: () => Promise<string | null>
  keepTrusted: (text: string) => Promise<void>
}

type Store = 'tips' | 'witnessed' | 'trusted'

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })

/** One database per public key, so that two holders at one machine do not mix. */
export async function openJournal(key: string): Promise<Journal> {
  const opening = indexedDB.open(`expert-draw.holder.${key}`, 1)
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('tips', { keyPath: 'tip' })
    opening.result.createObjectStore('witnessed', { keyPath: 'origin' })
    opening.result.createObjectStore('trusted', { keyPath: 'id' })
  }
  const db = await done(opening)
  const read = async <T>(store: Store, id: string): Promise<T | null> => ((await done(db.transaction(store).objectStore(store).get(id))) as T | undefined) ?? null
  const write = (store: Store, value: object): Promise<void> =>
    new Promise((resolve, reject) => {
      // Strict durability: a share must not leave this page before the line about it is on disk.
      const transaction = db.transaction(store, 'readwrite', { durability: 'strict' })
      transaction.objectStore(store).put(value)
      transaction.oncomplete = () => resolve()
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'))
    })
  return {
    tip: (tip) => read<TipRecord>('tips', tip),
    keepTip: (record) => write('tips', { ...record, released: [...record.released] }),
    witnessed: (origin) => read<Witnessed>('witnessed', origin),
    keepWitnessed: (one) => write('witnessed', { ...one }),
    trusted: async () => (await read<Trusted>('trusted', 'anchor'))?.text ?? null,
    keepTrusted: (text) => write('trusted', { id: 'anchor', text }),
  }
}
