/** The connection up: one sender a track, an offer whenever what is sent changes, caps as the server's terms say. */
import type { ClientMediaFrame, Terms, TrackName } from './mediaFrames'

export interface UpOptions {
  epoch: number
  transmit: (frame: ClientMediaFrame) => boolean
  codecs: (kind: 'audio' | 'video') => RTCRtpCodec[] | null
  answerMs: number
}

/** A mosaic costs little, and a page or a screen must stay readable: these lose pictures a second before they lose points. */
const SHARP: ReadonlySet<TrackName> = new Set(['masked', 'desk', 'screen'])
const LOW: ReadonlySet<TrackName> = new Set(['face_low', 'masked_low'])

/** How a track is to be encoded. `size` is the source's own; a low layer rests until somebody asks for it. */
export function encodingOf(terms: Terms, size: { width?: number; height?: number }, wanted: boolean): RTCRtpEncodingParameters {
  const active = !LOW.has(terms.track) || wanted
  const bitrate = { active, maxBitrate: terms.max_kbps * 1000 }
  if (terms.kind === 'audio') return { ...bitrate, priority: 'high', networkPriority: 'high' }
  const down = Math.max(1, (size.width ?? terms.width) / terms.width, (size.height ?? terms.height) / terms.height)
  return { ...bitrate, maxFramerate: terms.fps, scaleResolutionDownBy: down }
}

export class UpLink {
  private legs = new Map<TrackName, RTCRtpTransceiver>()
  private terms = new Map<TrackName, Terms>()
  private wanted: ReadonlySet<TrackName> = new Set()
  private waiting: { resolve: (sdp: string) => void; reject: (cause: Error) => void } | null = null

  constructor(readonly peer: RTCPeerConnection, private readonly options: UpOptions) {}

  /**
   * Sends exactly these; resolves when the server has answered.
   *
   * A transceiver is never stopped, because what is bundled with it would be refused: it rests and is taken again.
   *
   * @throws Error when no answer comes in time, or the browser does not understand it.
   */
  async send(what: ReadonlyMap<Terms, MediaStreamTrack>): Promise<void> {
    const before = this.shape()
    const named = new Map([...what].map(([terms, media]) => [terms.track, { terms, media }]))
    for (const [track, leg] of this.legs) {
      if (named.has(track) || leg.direction === 'inactive') continue
      await leg.sender.replaceTrack(null)
      leg.direction = 'inactive'
    }
    for (const [track, { terms, media }] of named) {
      this.terms.set(track, terms)
      await this.take(terms, media)
    }
    if (this.shape() !== before) await this.negotiate()
    await this.apply()
  }

  /** The low layers that somebody asks for now. */
  want(tracks: readonly TrackName[]): void {
    this.wanted = new Set(tracks)
    void this.apply()
  }

  answered(sdp: string): void {
    this.waiting?.resolve(sdp)
  }

  end(): void {
    this.waiting?.reject(new Error('ended'))
  }

  private async take(terms: Terms, media: MediaStreamTrack): Promise<void> {
    const old = this.legs.get(terms.track)
    if (old) {
      if (old.sender.track !== media) await old.sender.replaceTrack(media)
      if (old.direction === 'inactive') old.direction = 'sendonly'
      return
    }
    const encoding = encodingOf(terms, media.getSettings?.() ?? {}, this.wanted.has(terms.track))
    const leg = this.peer.addTransceiver(media, { direction: 'sendonly', sendEncodings: [encoding] })
    const codecs = this.options.codecs(terms.kind)
    if (codecs?.length) leg.setCodecPreferences?.(codecs)
    this.legs.set(terms.track, leg)
  }

  private shape(): string {
    return [...this.legs].map(([track, leg]) => `${track}:${leg.direction}`).join(' ')
  }

  private async negotiate(): Promise<void> {
    await this.peer.setLocalDescription(await this.peer.createOffer())
    const tracks = [...this.legs].flatMap(([track, leg]) => (leg.direction === 'sendonly' && leg.mid !== null ? [{ mid: leg.mid, track }] : []))
    const sdp = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no answer')), this.options.answerMs)
      const once = <T>(then: (it: T) => void) => (it: T): void => {
        clearTimeout(late)
        this.waiting = null
        then(it)
      }
      this.waiting = { resolve: once(resolve), reject: once(reject) }
      this.options.transmit({ type: 'media.publish', epoch: this.options.epoch, sdp: this.peer.localDescription?.sdp ?? '', tracks })
    })
    await this.peer.setRemoteDescription({ type: 'answer', sdp })
  }

  /** Caps and sizes anew: the source may have another size now, a low layer may be wanted. */
  private async apply(): Promise<void> {
    for (const [track, { sender }] of this.legs) {
      const [terms, media] = [this.terms.get(track), sender.track]
      const now = sender.getParameters()
      const [first] = now.encodings
      if (!terms || !media || !first) continue
      const wish = encodingOf(terms, media.getSettings?.() ?? {}, this.wanted.has(track))
      const settled = !SHARP.has(track) || now.degradationPreference === 'maintain-resolution'
      if (settled && Object.entries(wish).every(([name, value]) => first[name as keyof typeof wish] === value)) continue
      Object.assign(first, wish)
      if (SHARP.has(track)) now.degradationPreference = 'maintain-resolution'
      await sender.setParameters(now).catch(() => undefined) // an older browser keeps what addTransceiver said
    }
  }
}
