import { describe, expect, it } from 'vitest'
import { concat, sha256, toBase64, toHex, unsigned, utf8, type Bytes } from '@/draw/bytes'
import { cosignatureBlob, cosigned, keyId } from '@/draw/note'
import { checkpointFacts, policyHash, type PublicPolicy } from './facts'

const ORIGIN = 'log.example.cn/log'
const WITNESS = 'witness.example.cn/w'

async function pair(): Promise<{ key: Bytes; sign: (bytes: Bytes) => Promise<Bytes> }> {
  const made = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  return {
    key: new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey)),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', made.privateKey, bytes)),
  }
}
const policyOf = (log: Bytes, witness: Bytes): PublicPolicy => ({
  purpose: 'test', assurance: 'none', origin: ORIGIN, log_key: toHex(log), operator: 'o', quorum: 1, holders: [],
  witnesses: [{ name: WITNESS, key: toHex(witness), required: true, body: 'b' }],
})
const root = new Uint8Array(32).fill(7)
const text = `${ORIGIN}\n23\n${toBase64(root)}\n`

async function signed(): Promise<{ note: string; policy: PublicPolicy }> {
  const [log, witness] = [await pair(), await pair()]
  const line = toBase64(concat(await keyId(ORIGIN, 1, log.key), await log.sign(utf8(text))))
  const cosignature = await cosignatureBlob(WITNESS, witness.key, unsigned(1_795_000_000, 8), await witness.sign(cosigned(text, 1_795_000_000)))
  return { note: `${text}\n— ${ORIGIN} ${line}\n— ${WITNESS} ${toBase64(cosignature)}\n`, policy: policyOf(log.key, witness.key) }
}

describe('public facts', () => {
  it('are checked by the keys of the policy: log and witness', async () => {
    const { note, policy } = await signed()
    const facts = await checkpointFacts(note, policy)
    expect([facts.log, facts.size, facts.origin, facts.witnesses]).toEqual(['good', 23, ORIGIN, [{ name: WITNESS, time: 1_795_000_000 }]])
    expect(facts.fingerprint).toHaveLength(10)
  })

  it('are not believed when the size was changed after signing', async () => {
    const { note, policy } = await signed()
    const facts = await checkpointFacts(note.replace('\n23\n', '\n24\n'), policy)
    expect([facts.log, facts.witnesses]).toEqual(['bad', []])
  })

  it('stay unchecked while no policy names the keys', async () => {
    const { note } = await signed()
    expect((await checkpointFacts(note, null)).log).toBe('unable')
  })

  it('hash a policy over the bytes as sent', async () => {
    const bytes = utf8('{"v":"BDP1-policy"}')
    expect(await policyHash(bytes)).toBe(toHex(await sha256(concat(utf8('BDP1/policy\0'), bytes))))
    expect(await policyHash(utf8('{"v": "BDP1-policy"}'))).not.toBe(await policyHash(bytes))
  })
})
