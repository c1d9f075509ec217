/**
 * Seeing and hearing without a framework: one connection up, one down (evaluation_room/media/SPEC.md, 2).
 *
 * The browser offers what it sends, the server offers what it forwards; nothing waits for candidates. A connection that failed, or
 * is cut for eight seconds, or whose room socket came back, is made anew: nothing is ever repaired, so nothing can be half repaired.
 */
import { backoffOf } from './connection'
import type { ClientMediaFrame, MediaAsk, MediaPeople, MediaReady, ServerMediaFrame, Slot, Terms, Tile, TrackName } from './mediaFrames'
import type { Fault } from './types'
import { UpLink } from './upLink'

/** `off`: not wanted. `waiting`: tries again by itself. `elsewhere`: another tab of the same person has taken over. */
export type MediaStanding = 'off' | 'joining' | 'connecting' | 'on' | 'waiting' | 'elsewhere'
/** Why it does not run: nobody answers, no packet gets through, the server said so, what a browser made of it was not understood. */
export type MediaCause = { kind: 'silent' | 'no_path' | 'lost' | 'broken' } | { kind: 'refused'; code: string }

/** A picture or sound of somebody else, ready to be played. */
export interface Received { who: string; track: TrackName; mid: string; media: MediaStreamTrack }

export interface MediaHandlers {
  standing: (standing: MediaStanding, cause: MediaCause | null) => void
  ready: (terms: MediaReady) => void
  received: (tracks: readonly Received[]) => void
  people: (people: MediaPeople) => void
  asked: (ask: MediaAsk) => void
  refused: (track: string, code: string) => void
}
export interface MediaOptions {
  transmit: (frame: ClientMediaFrame) => boolean
  peer: (config: RTCConfiguration) => RTCPeerConnection
  /** What may be used of a kind, in order; null leaves it to the browser. */
  codecs: (kind: 'audio' | 'video') => RTCRtpCodec[] | null
  handlers: MediaHandlers
  /** Nothing but the installation's TURN server is used: a test of that way. */
  relayOnly?: boolean
  backoff?: (attempt: number) => number
}

export const ANSWER_MS = 10_000
export const PATH_MS = 15_000
export const CUT_MS = 8_000
/** So long both ways must have carried before a loss counts as the first again. */
export const STEADY_MS = 30_000
/** A machine or a line that is too slow for one try gets twice as long for the next, up to four times: who always gives up at the same moment never arrives. */
export const patienceOf = (attempt: number): number => 2 ** Math.min(attempt, 2)

export class MediaSession {
  private standing: MediaStanding = 'off'
  private cause: MediaCause | null = null
  private terms: MediaReady | null = null
  private up: UpLink | null = null
  private down: RTCPeerConnection | null = null
  private slots: Slot[] = []
  private sources = new Map<TrackName, MediaStreamTrack>()
  private muted = new Set<TrackName>()
  private tiles: Tile[] = []
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private steady: ReturnType<typeof setTimeout> | undefined
  private watches = new Map<RTCPeerConnection, ReturnType<typeof setTimeout>>()
  /** One thing at a time within an epoch: no offer is looked at while another is answered. What a closed connection was asked never settles. */
  private chain: Promise<void> = Promise.resolve()

  constructor(private readonly options: MediaOptions) {}

  get epoch(): number | null {
    return this.terms?.epoch ?? null
  }

  join(): void {
    clearTimeout(this.timer)
    this.stand('joining', this.cause)
    if (!this.options.transmit({ type: 'media.join' })) return // the socket will open and call `opened`
    this.timer = setTimeout(() => this.again({ kind: 'silent' }), ANSWER_MS * patienceOf(this.attempt))
  }

  leave(): void {
    if (this.terms) this.options.transmit({ type: 'media.leave', epoch: this.terms.epoch })
    this.end()
    this.stand('off', null)
  }

  /** The room's socket opened anew: the server knows nothing of the old connections' session. */
  opened(): void {
    if (this.standing !== 'off' && this.standing !== 'elsewhere') this.join()
  }

  /** Sends this, or with null nothing, as `track` from now on; sent as soon as the terms allow it. */
  source(track: TrackName, media: MediaStreamTrack | null): void {
    if (media) this.sources.set(track, media)
    else this.sources.delete(track)
    this.publish()
  }

  mute(track: TrackName, muted: boolean): void {
    if (muted) this.muted.add(track)
    else this.muted.delete(track)
    if (this.terms) this.options.transmit({ type: 'media.mute', epoch: this.terms.epoch, track, muted })
  }

  /** The pictures on the screen now. */
  view(tiles: Tile[]): void {
    this.tiles = tiles
    if (this.terms) this.options.transmit({ type: 'media.view', epoch: this.terms.epoch, tiles })
  }

  present(ask: string): void {
    this.options.transmit({ type: 'media.present', ask })
  }

  /** Both connections, for their figures. */
  get peers(): { up: RTCPeerConnection | null; down: RTCPeerConnection | null } {
    return { up: this.up?.peer ?? null, down: this.down }
  }

  frame(frame: ServerMediaFrame): void {
    const { handlers } = this.options
    if (frame.type === 'media.ask_present') return handlers.asked(frame) // also asked of those who take no part in sound and picture
    if (this.standing === 'off' || this.standing === 'elsewhere') return
    if (frame.type === 'media.people') return handlers.people(frame)
    if (frame.type === 'media.ready') return this.begin(frame)
    if (frame.epoch !== this.epoch) return
    switch (frame.type) {
      case 'media.published':
        for (const { track, code } of frame.refused) handlers.refused(track, code)
        return this.up?.answered(frame.sdp)
      case 'media.wanted':
        return this.up?.want(frame.tracks)
      case 'media.offer':
        return this.soon(frame.epoch, () => this.takeOffer(frame.offer, frame.sdp, frame.slots))
    }
  }

  trouble(fault: Fault): void {
    if (this.standing === 'off') return
    if (fault.code === 'media.opened_elsewhere') return this.give('elsewhere', fault.code)
    if (fault.code === 'media.not_here') return this.give('off', fault.code)
    this.again({ kind: 'refused', code: fault.code })
  }

  /** Asking again would be of no use. */
  private give(standing: 'off' | 'elsewhere', code: string): void {
    this.end()
    this.stand(standing, { kind: 'refused', code })
  }

  private begin(terms: MediaReady): void {
    clearTimeout(this.timer)
    this.end()
    this.terms = terms
    this.chain = Promise.resolve()
    this.options.handlers.ready(terms)
    this.settle()
    this.publish()
    for (const track of this.muted) this.options.transmit({ type: 'media.mute', epoch: terms.epoch, track, muted: true })
    if (this.tiles.length) this.view(this.tiles)
  }

  private publish(): void {
    const terms = this.terms
    if (!terms || (!this.up && this.sources.size === 0)) return
    this.up ??= new UpLink(this.connect(), { epoch: terms.epoch, transmit: this.options.transmit, codecs: this.options.codecs, answerMs: ANSWER_MS * patienceOf(this.attempt) })
    const up = this.up
    const send = new Map<Terms, MediaStreamTrack>()
    for (const one of terms.publish) {
      const media = this.sources.get(one.track)
      if (media) send.set(one, media)
    }
    this.settle()
    this.soon(terms.epoch, () => up.send(send))
  }

  private async takeOffer(number: number, sdp: string, slots: Slot[]): Promise<void> {
    const epoch = this.epoch!
    this.down ??= this.connect()
    const down = this.down
    this.settle()
    await down.setRemoteDescription({ type: 'offer', sdp })
    await down.setLocalDescription(await down.createAnswer())
    if (down !== this.down) return
    this.slots = slots
    this.options.transmit({ type: 'media.answer', epoch, offer: number, sdp: down.localDescription?.sdp ?? '' })
    this.tellReceived()
  }

  private tellReceived(): void {
    const legs = this.down?.getTransceivers() ?? []
    const found = this.slots.flatMap(({ mid, who, track }) => {
      const leg = who && track ? legs.find((one) => one.mid === mid) : undefined
      return leg && track ? [{ who, track, mid, media: leg.receiver.track }] : []
    })
    this.options.handlers.received(found)
  }

  private connect(): RTCPeerConnection {
    const servers = this.terms?.ice_servers ?? []
    const peer = this.options.peer({
      iceServers: servers.map(({ urls, username, credential }) => ({ urls: [...urls], username, credential })),
      iceTransportPolicy: this.options.relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    })
    peer.onconnectionstatechange = () => this.moved(peer)
    this.watches.set(peer, setTimeout(() => this.again({ kind: 'no_path' }), PATH_MS * patienceOf(this.attempt)))
    return peer
  }

  private moved(peer: RTCPeerConnection): void {
    if (!this.watches.has(peer)) return
    const state = peer.connectionState
    if (state === 'failed') return this.again({ kind: this.standing === 'on' ? 'lost' : 'no_path' })
    if (state === 'connected' || state === 'disconnected') {
      clearTimeout(this.watches.get(peer))
      if (state === 'disconnected') this.watches.set(peer, setTimeout(() => this.again({ kind: 'lost' }), CUT_MS * patienceOf(this.attempt)))
    }
    this.settle()
  }

  /** On when every connection that there is has found its way; alone and sending nothing there is none. */
  private settle(): void {
    const peers = [this.up?.peer, this.down].filter((one) => one != null)
    const through = peers.every((one) => one.connectionState === 'connected' || one.connectionState === 'disconnected')
    if (through && peers.length) {
      this.cause = null
      this.steady ??= setTimeout(() => (this.attempt = 0), STEADY_MS)
    }
    this.stand(through ? 'on' : 'connecting', this.cause)
  }

  private again(cause: MediaCause): void {
    if (this.standing === 'off' || this.standing === 'elsewhere') return
    clearTimeout(this.timer)
    this.end()
    this.stand('waiting', cause)
    this.timer = setTimeout(() => this.join(), (this.options.backoff ?? backoffOf)(this.attempt))
    this.attempt += 1
  }

  private end(): void {
    clearTimeout(this.timer)
    clearTimeout(this.steady)
    this.steady = undefined
    for (const [peer, watch] of this.watches) {
      clearTimeout(watch)
      peer.close()
    }
    this.watches.clear()
    this.up?.end()
    this.up = this.down = null
    this.terms = null
    this.slots = []
    this.options.handlers.received([])
  }

  private stand(standing: MediaStanding, cause: MediaCause | null): void {
    const changed = standing !== this.standing || cause !== this.cause
    this.standing = standing
    this.cause = cause
    if (changed) this.options.handlers.standing(standing, cause)
  }

  private soon(epoch: number, what: () => Promise<void>): void {
    this.chain = this.chain.then(async () => {
      if (epoch !== this.epoch) return
      try {
        await what()
      } catch {
        if (epoch === this.epoch) this.again({ kind: 'broken' })
      }
    })
  }
}
