import { afterEach, beforeEach, describe, expect, it, vi, type Mock } from 'vitest'
import { backoffOf, MAX_COMMAND, RoomConnection, RoomRefusal, type Handlers } from './connection'
import { SequenceGap } from './fold'

class FakeSocket {
  static made: FakeSocket[] = []
  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null
  constructor() { FakeSocket.made.push(this) }
  send(text: string): void { this.sent.push(JSON.parse(text) as Record<string, unknown>) }
  close(code = 1006): void { if (this.readyState !== 3) { this.readyState = 3; this.onclose?.({ code }) } }
  opens(): void { this.readyState = 1; this.onopen?.() }
  says(frame: unknown): void { this.onmessage?.({ data: JSON.stringify(frame) }) }
  welcomes(): void { this.says({ type: 'welcome', viewer: { role: 'seat', seat: 'e1' }, stream: 'ev/e1', now: '2026-11-24T07:30:00Z', heartbeat_seconds: 20, resumed: false }) }
}

const last = (): FakeSocket => FakeSocket.made.at(-1)!
const settle = async (): Promise<void> => { for (let i = 0; i < 5; i += 1) await Promise.resolve() }
let tickets = 0
let handlers: { [name in keyof Handlers]: Mock<Handlers[name]> }
function aConnection(): RoomConnection {
  return new RoomConnection({ url: 'ws://room', evaluationId: 'ev', ticket: async () => `t${(tickets += 1)}`, handlers, socket: () => new FakeSocket() as never, backoff: () => 1000 })
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.made = []
  tickets = 0
  handlers = { standing: vi.fn<Handlers['standing']>(), frame: vi.fn<Handlers['frame']>(), trouble: vi.fn<Handlers['trouble']>() }
})
afterEach(() => vi.useRealTimers())

async function joined(): Promise<RoomConnection> {
  const connection = aConnection()
  void connection.open()
  await settle()
  last().opens()
  last().welcomes()
  return connection
}

describe('the socket of a room', () => {
  it('says hello with a fresh ticket and no past', async () => {
    await joined()
    expect(last().sent[0]).toEqual({ type: 'hello', ticket: 't1', evaluation_id: 'ev', since: null })
    expect(handlers.standing).toHaveBeenLastCalledWith('open')
  })

  it('refuses a command that the server could not read, and stays', async () => {
    const connection = await joined()
    const going = connection.send({ type: 'room.check_in' }, 'k1')
    last().says({ type: 'error', id: 'k1', error: { code: 'room.bad_message', rule: null, facts: {} } })
    await expect(going).rejects.toMatchObject({ code: 'room.bad_message' })
    expect(connection.unsent).toBe(0)
    expect(handlers.trouble).not.toHaveBeenCalled()
    expect(last().readyState).toBe(1)
  })

  it('tells of an error that names no command', async () => {
    await joined()
    last().says({ type: 'error', id: null, error: { code: 'room.seat_opened_elsewhere', rule: null, facts: {} } })
    expect(handlers.trouble).toHaveBeenCalledOnce()
  })

  it('does not send what is longer than a frame may be', async () => {
    const connection = await joined()
    const long = 'x'.repeat(MAX_COMMAND)
    await expect(connection.send({ type: 'room.save_draft', revision: 1, done: 0, draft: long })).rejects.toMatchObject({ code: 'client.too_large' })
    expect(last().sent).toHaveLength(1)
    expect(connection.unsent).toBe(0)
  })

  it('comes back after a cut, from the last event it holds, with a new ticket', async () => {
    await joined()
    last().says({ type: 'snapshot', seq: 17, view: {} })
    last().says({ type: 'event', seq: 18, at: '', index: 1, event: {} })
    last().close(1006)
    expect(handlers.standing).toHaveBeenLastCalledWith('offline')
    await vi.advanceTimersByTimeAsync(1000)
    last().opens()
    expect(FakeSocket.made).toHaveLength(2)
    expect(last().sent[0]).toEqual({ type: 'hello', ticket: 't2', evaluation_id: 'ev', since: { stream: 'ev/e1', seq: 18 } })
  })

  it('sends a command that a cut swallowed once more, with the same id', async () => {
    const connection = await joined()
    const going = connection.send({ type: 'room.check_in' }, 'k1')
    expect(last().sent[1]).toEqual({ type: 'command', id: 'k1', command: { type: 'room.check_in' } })
    last().close(1006)
    await vi.advanceTimersByTimeAsync(1000)
    last().opens()
    last().welcomes()
    expect(last().sent[1]).toEqual({ type: 'command', id: 'k1', command: { type: 'room.check_in' } })
    last().says({ type: 'done', id: 'k1', seq: 3 })
    expect(await going).toBe(3)
    expect(connection.unsent).toBe(0)
  })

  it('hands a refusal to the one who asked', async () => {
    const connection = await joined()
    const going = connection.send({ type: 'room.check_in' }, 'k1')
    last().says({ type: 'refused', id: 'k1', error: { code: 'room.already_done', rule: null, facts: {} } })
    await expect(going).rejects.toEqual(new RoomRefusal('room.already_done'))
  })

  it('asks for a snapshot when an event is missing, and never guesses', async () => {
    await joined()
    last().says({ type: 'snapshot', seq: 17, view: {} })
    handlers.frame.mockImplementationOnce(() => { throw new SequenceGap(17, 19) })
    last().says({ type: 'event', seq: 19, at: '', index: 1, event: {} })
    await vi.advanceTimersByTimeAsync(1000)
    last().opens()
    expect(last().sent[0]).toMatchObject({ type: 'hello', since: null })
  })

  it('stays away when the sign-in ended, and rejects what was waiting', async () => {
    const connection = await joined()
    const going = connection.send({ type: 'room.check_in' }, 'k1')
    going.catch(() => undefined)
    last().says({ type: 'bye', error: { code: 'room.sign_in_ended', rule: null, facts: {} } })
    last().close(4401)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.made).toHaveLength(1)
    expect(handlers.trouble).toHaveBeenCalledWith({ code: 'room.sign_in_ended', rule: null, facts: {} }, true)
    await expect(going).rejects.toBeInstanceOf(RoomRefusal)
  })

  it('pings, and takes a server silent for three beats for gone', async () => {
    await joined()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(last().sent.at(-1)).toEqual({ type: 'ping' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(handlers.standing).toHaveBeenCalledWith('offline')
  })

  it('waits longer each time, up to a bound, and never in step with its neighbours', () => {
    expect(backoffOf(0, 0)).toBe(375)
    expect(backoffOf(0, 1)).toBe(625)
    expect(backoffOf(3, 0.5)).toBe(4000)
    expect(backoffOf(30, 1)).toBe(18_750)
  })
})
