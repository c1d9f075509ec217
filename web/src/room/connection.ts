/** The room's socket without a framework: hello, resume, back-off, heartbeat, commands that survive a cut. */
import type { ClientMediaFrame } from './mediaFrames'
import type { Command, Fault, ServerFrame, Told } from './types'

export type Standing = 'connecting' | 'open' | 'offline' | 'ended'

/** A refusal of a command, or the end of the socket. */
export class RoomRefusal extends Error {
  constructor(readonly code: string, readonly rule: string | null = null, readonly facts: Record<string, unknown> = {}) {
    super(code)
    this.name = 'RoomRefusal'
  }
  static of(fault: Fault): RoomRefusal {
    return new RoomRefusal(fault.code, fault.rule ?? null, fault.facts ?? {})
  }
}

export interface Handlers {
  standing: (standing: Standing) => void
  /** welcome, snapshot, event, draft, presence, media.*; throws to ask for a fresh snapshot. */
  frame: (frame: ServerFrame) => void
  /** The server said why it ends, or the socket's standing changed. */
  trouble: (fault: Fault, final: boolean) => void
}
export interface Options {
  url: string
  evaluationId: string
  /** A one-use ticket for each hello. */
  ticket: () => Promise<string>
  handlers: Handlers
  socket?: (url: string) => WebSocket
  /** Waits before the nth new attempt, milliseconds. */
  backoff?: (attempt: number) => number
}

interface Waiting { command: Command; sent: boolean; resolve: (seq: number) => void; reject: (refusal: RoomRefusal) => void }

/** Half a second, doubling to fifteen, with a quarter of chance so that a hall of seats does not return at once. */
export const backoffOf = (attempt: number, chance = Math.random()): number => Math.min(15_000, 500 * 2 ** attempt) * (0.75 + chance / 2)

/** A longer frame would end the socket (PROTOCOL.md, 1.6); the rest of the frame is short. */
export const MAX_COMMAND = 4 * 2 ** 20 - 1000

/** Codes after which coming back is useless. */
const FINAL = new Set([4401, 4403, 4404])
const FINAL_FAULTS = new Set(['room.sign_in_ended', 'room.no_place', 'room.not_your_room', 'room.unknown_evaluation', 'room.seat_is_void'])

export class RoomConnection {
  private socket: WebSocket | null = null
  private since: { stream: string; seq: number } | null = null
  private stream: string | null = null
  private waiting = new Map<string, Waiting>()
  private attempt = 0
  private closed = false
  private final = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private heart: ReturnType<typeof setInterval> | undefined
  private heard = 0
  private ready = false

  constructor(private readonly options: Options) {}

  async open(): Promise<void> {
    if (this.closed || this.final) return
    this.options.handlers.standing(this.attempt === 0 ? 'connecting' : 'offline')
    let ticket: string
    try {
      ticket = await this.options.ticket()
    } catch (cause) {
      return this.ticketFailed(cause)
    }
    if (this.closed) return
    const make = this.options.socket ?? ((url: string) => new WebSocket(url))
    const socket = make(this.options.url)
    this.socket = socket
    socket.onopen = () => this.transmit({ type: 'hello', ticket, evaluation_id: this.options.evaluationId, since: this.since })
    socket.onmessage = (message) => this.receive(socket, JSON.parse(String(message.data)) as ServerFrame)
    socket.onclose = (event) => this.lost(socket, event.code)
    socket.onerror = () => socket.close()
  }

  /** Sends a command; resolves with the view seq its events reach. After a cut it is sent again with the same id. */
  send(command: Command, id: string = newId()): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.closed || this.final) return reject(new RoomRefusal('client.offline'))
      if (JSON.stringify(command).length > MAX_COMMAND) return reject(new RoomRefusal('client.too_large'))
      this.waiting.set(id, { command, sent: false, resolve, reject })
      this.flush()
    })
  }

  /** Says something of sound and picture at once, or not at all: such frames are not kept for later. False when the room is not open. */
  tell(frame: ClientMediaFrame): boolean {
    if (!this.ready || this.socket?.readyState !== 1) return false
    this.transmit(frame)
    return true
  }

  get unsent(): number {
    return this.waiting.size
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    clearInterval(this.heart)
    this.socket?.close(1000)
    this.options.handlers.standing('ended')
    this.rejectAll()
  }

  /** Comes back at once, for instance when the machine says it is online again. */
  hurry(): void {
    if (this.closed || this.final || this.socket) return
    clearTimeout(this.timer)
    void this.open()
  }

  private ticketFailed(cause: unknown): void {
    const fault = cause as Partial<Fault> & { status?: number }
    if (fault.status === 401 || fault.status === 403) {
      this.final = true
      this.options.handlers.trouble({ code: fault.code ?? 'room.sign_in_ended', rule: fault.rule ?? null, facts: fault.facts ?? {} }, true)
      this.options.handlers.standing('ended')
      this.rejectAll()
    } else this.later()
  }

  private receive(socket: WebSocket, frame: ServerFrame): void {
    if (socket !== this.socket) return
    this.heard = Date.now()
    try {
      this.take(frame)
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'SequenceGap') throw cause
      this.since = null
      socket.close(4000)
    }
  }

  private take(frame: ServerFrame): void {
    const { handlers } = this.options
    switch (frame.type) {
      case 'welcome':
        this.attempt = 0
        this.stream = frame.stream
        this.ready = true
        this.beat(frame.heartbeat_seconds)
        handlers.frame(frame)
        handlers.standing('open')
        return this.flush()
      case 'snapshot':
        handlers.frame(frame)
        return this.hold(frame.seq)
      case 'event':
        handlers.frame(frame)
        return this.hold((frame as Told).seq)
      case 'done':
        return this.settle(frame.id, (one) => one.resolve(frame.seq))
      case 'refused':
        return this.settle(frame.id, (one) => one.reject(RoomRefusal.of(frame.error)))
      case 'error':
        if (frame.id) return this.settle(frame.id, (one) => one.reject(RoomRefusal.of(frame.error)))
        return handlers.trouble(frame.error, false)
      case 'bye':
        this.final = FINAL_FAULTS.has(frame.error.code)
        return handlers.trouble(frame.error, this.final)
      default:
        return handlers.frame(frame)
    }
  }

  private hold(seq: number): void {
    if (this.stream) this.since = { stream: this.stream, seq }
  }

  private settle(id: string, how: (one: Waiting) => void): void {
    const one = this.waiting.get(id)
    this.waiting.delete(id)
    if (one) how(one)
  }

  private flush(): void {
    if (!this.ready) return
    for (const [id, one] of this.waiting) {
      if (one.sent) continue
      one.sent = true
      this.transmit({ type: 'command', id, command: one.command })
    }
  }

  private transmit(frame: unknown): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame))
  }

  /** Pings; a server silent for three beats is taken for gone, whatever the browser believes. */
  private beat(seconds: number): void {
    clearInterval(this.heart)
    const socket = this.socket
    this.heart = setInterval(() => {
      if (Date.now() - this.heard > 3000 * seconds) socket?.close(4000)
      else this.transmit({ type: 'ping' })
    }, (seconds * 1000) / 2)
  }

  private lost(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return
    this.socket = null
    this.ready = false
    clearInterval(this.heart)
    for (const one of this.waiting.values()) one.sent = false
    if (this.closed) return
    if (this.final || FINAL.has(code)) {
      this.final = true
      this.options.handlers.standing('ended')
      return this.rejectAll()
    }
    this.later()
  }

  private later(): void {
    this.options.handlers.standing('offline')
    const wait = (this.options.backoff ?? backoffOf)(this.attempt)
    this.attempt += 1
    this.timer = setTimeout(() => void this.open(), wait)
  }

  private rejectAll(): void {
    for (const one of this.waiting.values()) one.reject(new RoomRefusal('client.offline'))
    this.waiting.clear()
  }
}

/** A command's id: 24 characters of the protocol's alphabet, the same for every retry. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
