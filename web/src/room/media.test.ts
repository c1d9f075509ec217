import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ANSWER_MS, CUT_MS, MediaSession, PATH_MS, STEADY_MS, type MediaCause, type MediaStanding, type Received } from './media'
import type { ClientMediaFrame, MediaReady, Slot } from './mediaFrames'
import { encodingOf } from './upLink'

class FakeSender {
  parameters: Record<string, unknown>[] = []
  constructor(public track: unknown, public encoding: RTCRtpEncodingParameters | undefined) {}
  async replaceTrack(track: unknown): Promise<void> { this.track = track }
  getParameters() { return { encodings: this.encoding ? [{ ...this.encoding }] : [] } }
  async setParameters(to: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    this.encoding = to.encodings[0]
    this.parameters.push({ ...to.encodings[0] })
  }
}
class FakeLeg {
  mid: string | null = null
  stopped = false
  preferred: unknown
  receiver = { track: {} as unknown }
  constructor(public sender: FakeSender, public direction: string) {}
  setCodecPreferences(codecs: unknown): void { this.preferred = codecs }
  stop(): void { this.stopped = true }
}
class FakePeer {
  static made: FakePeer[] = []
  connectionState = 'new'
  localDescription: { sdp: string } | null = null
  onconnectionstatechange: (() => void) | null = null
  legs: FakeLeg[] = []
  remote: { type: string; sdp: string }[] = []
  closed = false
  constructor(readonly config: RTCConfiguration) { FakePeer.made.push(this) }
  addTransceiver(track: unknown, { direction, sendEncodings }: { direction: string; sendEncodings: RTCRtpEncodingParameters[] }): FakeLeg {
    const leg = new FakeLeg(new FakeSender(track, sendEncodings[0]), direction)
    this.legs.push(leg)
    return leg
  }
  getTransceivers(): FakeLeg[] { return this.legs }
  async createOffer() { return { type: 'offer', sdp: `offer of ${this.legs.length}` } }
  async createAnswer() { return { type: 'answer', sdp: 'answer' } }
  async setLocalDescription(it: { sdp: string }): Promise<void> {
    this.localDescription = it
    this.legs.forEach((leg, i) => (leg.mid ??= String(i)))
  }
  async setRemoteDescription(it: { type: string; sdp: string }): Promise<void> {
    if (it.sdp === 'nonsense') throw new Error('no SDP')
    this.remote.push(it)
    if (it.type !== 'offer') return
    for (const mid of it.sdp.split(' ')) if (!this.legs.some((one) => one.mid === mid)) {
      const leg = new FakeLeg(new FakeSender(null, undefined), 'recvonly')
      leg.mid = mid
      leg.receiver.track = { id: `heard ${mid}` }
      this.legs.push(leg)
    }
  }
  close(): void { this.closed = true }
  becomes(state: string): void {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }
}

const settle = async (): Promise<void> => { for (let i = 0; i < 30; i += 1) await Promise.resolve() }
const media = (width = 640, height = 360): MediaStreamTrack => ({ getSettings: () => ({ width, height }) }) as never
const TERMS: MediaReady = {
  type: 'media.ready', epoch: 7, ice_servers: [], mode: 'masked', mask: 'pixelated', watching_shown: true, dark_seconds: 120,
  publish: [
    { track: 'face', kind: 'video', max_kbps: 180, width: 640, height: 360, fps: 15 },
    { track: 'masked', kind: 'video', max_kbps: 180, width: 640, height: 360, fps: 15 },
    { track: 'masked_low', kind: 'video', max_kbps: 60, width: 320, height: 180, fps: 15 },
    { track: 'mic', kind: 'audio', max_kbps: 32, width: 0, height: 0, fps: 0 },
    { track: 'voice', kind: 'audio', max_kbps: 32, width: 0, height: 0, fps: 0 },
  ],
}
let said: ClientMediaFrame[]
let stood: [MediaStanding, MediaCause | null][]
let got: (readonly Received[])[]
let refused: [string, string][]
let open: boolean

function aSession(relayOnly = false): MediaSession {
  return new MediaSession({
    relayOnly,
    transmit: (frame) => (open ? (said.push(frame), true) : false),
    peer: (config) => new FakePeer(config) as never,
    codecs: (kind) => [{ mimeType: kind === 'video' ? 'video/VP8' : 'audio/opus', clockRate: 48000 }],
    backoff: () => 1000,
    handlers: { standing: (now, why) => void stood.push([now, why]), ready: () => undefined, received: (tracks) => void got.push(tracks), people: () => undefined, asked: () => undefined, refused: (...it) => void refused.push(it) },
  })
}
const of = <T extends ClientMediaFrame['type']>(type: T) => said.filter((one): one is Extract<ClientMediaFrame, { type: T }> => one.type === type)
const answer = (session: MediaSession, epoch = 7): void => session.frame({ type: 'media.published', epoch, sdp: 'ok', refused: [] })
const offer = (session: MediaSession, number: number, sdp: string, slots: Slot[], epoch = 7): void => session.frame({ type: 'media.offer', epoch, offer: number, sdp, slots })
const up = (): FakePeer => FakePeer.made.find((one) => !one.closed)!

beforeEach(() => {
  vi.useFakeTimers()
  FakePeer.made = []
  said = []
  stood = []
  got = []
  refused = []
  open = true
})
afterEach(() => vi.useRealTimers())

async function sendsSound(session: MediaSession): Promise<void> {
  session.source('mic', media())
  await settle()
  answer(session)
  await settle()
}
async function joined(session = aSession()): Promise<MediaSession> {
  session.join()
  session.frame(TERMS)
  await settle()
  return session
}

describe('sound and picture of a room', () => {
  it('asks first and sends nothing before the terms are known', async () => {
    const session = aSession()
    session.source('face', media())
    expect([said, FakePeer.made]).toEqual([[], []])
    session.join()
    expect(said).toEqual([{ type: 'media.join' }])
    session.frame(TERMS)
    await settle()
    expect(of('media.publish')).toHaveLength(1)
  })

  it('names every sending m-line, in our codecs, within the terms', async () => {
    const session = await joined()
    session.source('face', media(1280, 720))
    session.source('mic', media(0, 0))
    answer(session)
    await settle()
    answer(session)
    await settle()
    expect(of('media.publish').at(-1)).toEqual({ type: 'media.publish', epoch: 7, sdp: 'offer of 2', tracks: [{ mid: '0', track: 'face' }, { mid: '1', track: 'mic' }] })
    const [face, mic] = up().legs
    expect(face!.sender.encoding).toMatchObject({ active: true, maxBitrate: 180_000, maxFramerate: 15, scaleResolutionDownBy: 2 })
    expect(mic!.sender.encoding).toMatchObject({ maxBitrate: 32_000 })
    expect(face!.preferred).toEqual([{ mimeType: 'video/VP8', clockRate: 48000 }])
    expect(up().config).toMatchObject({ iceServers: [], iceTransportPolicy: 'all', bundlePolicy: 'max-bundle' })
  })

  it('sends nothing that the terms do not name', async () => {
    const session = await joined()
    session.source('screen', media())
    answer(session)
    await settle()
    expect(up().legs).toHaveLength(0)
    expect(of('media.publish')).toHaveLength(0)
  })

  it('waits for the answer to one offer before it makes the next', async () => {
    const session = await joined()
    session.source('face', media())
    await settle()
    session.source('masked', media())
    await settle()
    expect(of('media.publish')).toHaveLength(1)
    answer(session)
    await settle()
    expect(of('media.publish').map((one) => one.tracks.length)).toEqual([1, 2])
  })

  it('rests a track by taking its picture away, and never stops a transceiver', async () => {
    const session = await joined()
    session.source('face', media())
    await settle()
    answer(session)
    await settle()
    session.source('face', null)
    await settle()
    expect(of('media.publish').at(-1)!.tracks).toEqual([])
    answer(session)
    await settle()
    const [leg] = up().legs
    expect([leg!.direction, leg!.sender.track, leg!.stopped]).toEqual(['inactive', null, false])
    session.source('face', media())
    await settle()
    expect(of('media.publish').at(-1)!.tracks).toEqual([{ mid: '0', track: 'face' }])
    expect(up().legs).toHaveLength(1)
  })

  it('encodes a low layer only while somebody asks for it', async () => {
    const session = await joined()
    session.source('masked_low', media())
    await settle()
    answer(session)
    await settle()
    const [leg] = up().legs
    expect(leg!.sender.encoding).toMatchObject({ active: false, scaleResolutionDownBy: 2 })
    session.frame({ type: 'media.wanted', epoch: 7, tracks: ['masked_low'] })
    await settle()
    expect(leg!.sender.encoding).toMatchObject({ active: true })
    session.frame({ type: 'media.wanted', epoch: 7, tracks: [] })
    await settle()
    expect(leg!.sender.encoding).toMatchObject({ active: false })
  })

  it('answers down offers one by one and knows whose picture each m-line is', async () => {
    const session = await joined()
    offer(session, 1, 'a b', [{ mid: 'a', who: 'e2', track: 'masked' }, { mid: 'b', who: 'e2', track: 'voice' }])
    offer(session, 2, 'a b', [{ mid: 'a', who: '', track: '' }, { mid: 'b', who: 'e3', track: 'voice' }])
    await settle()
    expect(of('media.answer').map((one) => one.offer)).toEqual([1, 2])
    expect(got.at(-2)!.map(({ who, track, media: it }) => [who, track, it.id])).toEqual([['e2', 'masked', 'heard a'], ['e2', 'voice', 'heard b']])
    expect(got.at(-1)!.map(({ who, track, media: it }) => [who, track, it.id])).toEqual([['e3', 'voice', 'heard b']])
  })

  it('ignores what belongs to another epoch', async () => {
    const session = await joined()
    offer(session, 1, 'a', [{ mid: 'a', who: 'e2', track: 'masked' }], 6)
    await settle()
    expect(of('media.answer')).toEqual([])
    expect(FakePeer.made).toEqual([])
  })

  it('makes both connections anew when one failed, and says again what it sends, sees and mutes', async () => {
    const session = await joined()
    session.source('mic', media())
    session.mute('mic', true)
    session.view([{ who: 'e2', picture: 'face', layer: 'high' }])
    await settle()
    answer(session)
    await settle()
    up().becomes('connected')
    expect(stood.at(-1)).toEqual(['on', null])
    up().becomes('failed')
    expect(stood.at(-1)).toEqual(['waiting', { kind: 'lost' }])
    expect(FakePeer.made.every((one) => one.closed)).toBe(true)
    expect(got.at(-1)).toEqual([])
    said = []
    await vi.advanceTimersByTimeAsync(1000)
    expect(said).toEqual([{ type: 'media.join' }])
    session.frame({ ...TERMS, epoch: 8 })
    await settle()
    expect(of('media.publish')).toMatchObject([{ epoch: 8, tracks: [{ track: 'mic' }] }])
    expect(of('media.mute')).toEqual([{ type: 'media.mute', epoch: 8, track: 'mic', muted: true }])
    expect(of('media.view')).toMatchObject([{ epoch: 8 }])
  })

  it('bears a short cut, and not a long one', async () => {
    const session = await joined()
    await sendsSound(session)
    const peer = up()
    peer.becomes('connected')
    peer.becomes('disconnected')
    await vi.advanceTimersByTimeAsync(CUT_MS - 1)
    peer.becomes('connected')
    await vi.advanceTimersByTimeAsync(2 * CUT_MS)
    expect(peer.closed).toBe(false)
    peer.becomes('disconnected')
    await vi.advanceTimersByTimeAsync(CUT_MS)
    expect(peer.closed).toBe(true)
  })

  it('says that no path was found, and tries again', async () => {
    const session = await joined()
    await sendsSound(session)
    await vi.advanceTimersByTimeAsync(PATH_MS)
    expect(stood.at(-1)).toEqual(['waiting', { kind: 'no_path' }])
    await vi.advanceTimersByTimeAsync(1000)
    expect(of('media.join')).toHaveLength(2)
    session.frame({ ...TERMS, epoch: 8 })
    expect(stood.at(-1)).toEqual(['connecting', { kind: 'no_path' }]) // still told while it tries
  })

  it('is not held up by what a closed connection was asked, which a browser never answers', async () => {
    const session = await joined()
    const never = vi.spyOn(FakePeer.prototype, 'setLocalDescription').mockReturnValue(new Promise(() => undefined))
    session.source('mic', media())
    await settle()
    await vi.advanceTimersByTimeAsync(PATH_MS + 1000)
    never.mockRestore()
    session.frame({ ...TERMS, epoch: 8 })
    await settle()
    expect(of('media.publish')).toMatchObject([{ epoch: 8 }])
  })

  it('waits longer with each try, until it has been on for a while', async () => {
    const session = await joined()
    await sendsSound(session)
    await vi.advanceTimersByTimeAsync(PATH_MS + 1000)
    session.frame({ ...TERMS, epoch: 8 })
    await settle()
    answer(session, 8)
    await vi.advanceTimersByTimeAsync(2 * PATH_MS - 1)
    expect(stood.at(-1)).toEqual(['connecting', { kind: 'no_path' }])
    up().becomes('connected')
    up().becomes('disconnected')
    await vi.advanceTimersByTimeAsync(CUT_MS)
    expect(stood.at(-1)).toEqual(['on', null]) // it was on for a moment only: patience stays
    up().becomes('connected')
    await vi.advanceTimersByTimeAsync(STEADY_MS)
    up().becomes('disconnected')
    await vi.advanceTimersByTimeAsync(CUT_MS)
    expect(stood.at(-1)).toEqual(['waiting', { kind: 'lost' }])
  })

  it('tries again when nobody answers, or the answer is no SDP', async () => {
    const silent = aSession()
    silent.join()
    await vi.advanceTimersByTimeAsync(ANSWER_MS)
    expect(stood.at(-1)).toEqual(['waiting', { kind: 'silent' }])
    silent.leave()
    const session = await joined()
    session.source('mic', media())
    await settle()
    session.frame({ type: 'media.published', epoch: 7, sdp: 'nonsense', refused: [{ track: 'mic', code: 'media.bad_offer' }] })
    await settle()
    expect(stood.at(-1)).toEqual(['waiting', { kind: 'broken' }])
    expect(refused).toEqual([['mic', 'media.bad_offer']])
  })

  it('joins again with each new socket, not with each word', async () => {
    const session = aSession()
    open = false
    session.join()
    expect(said).toEqual([])
    open = true
    session.opened()
    expect(said).toEqual([{ type: 'media.join' }])
    session.frame(TERMS)
    session.opened()
    expect(of('media.join')).toHaveLength(2)
  })

  it('stays away when another tab has taken over, or the person left', async () => {
    const session = await joined()
    session.trouble({ code: 'media.opened_elsewhere', rule: null, facts: {} })
    session.opened()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(of('media.join')).toHaveLength(1)
    expect(stood.at(-1)![0]).toBe('elsewhere')
    session.join()
    session.frame(TERMS)
    session.leave()
    session.opened()
    session.frame({ ...TERMS, epoch: 9 })
    await settle()
    expect(of('media.leave')).toEqual([{ type: 'media.leave', epoch: 7 }])
    expect(of('media.join')).toHaveLength(2)
    expect(session.epoch).toBeNull()
  })

  it('asks no more where there is no sound and picture at all', async () => {
    const session = await joined()
    session.trouble({ code: 'media.not_here', rule: null, facts: {} })
    await vi.advanceTimersByTimeAsync(60_000)
    session.opened()
    expect(of('media.join')).toHaveLength(1)
    expect(stood.at(-1)).toEqual(['off', { kind: 'refused', code: 'media.not_here' }])
  })

  it('tells of a presence check also to who takes no part', () => {
    const asked = vi.fn()
    new MediaSession({ transmit: () => true, peer: () => null as never, codecs: () => null, handlers: { standing: () => undefined, ready: () => undefined, received: () => undefined, people: () => undefined, refused: () => undefined, asked } }).frame({ type: 'media.ask_present', ask: 'k', seconds: 60 })
    expect(asked).toHaveBeenCalledOnce()
  })

  it('uses nothing but the relay where that is asked for', async () => {
    const session = await joined(aSession(true))
    session.source('mic', media())
    await settle()
    expect(up().config.iceTransportPolicy).toBe('relay')
  })
})

describe('the encoding of a track', () => {
  it('never makes a small picture larger', () => {
    expect(encodingOf(TERMS.publish[0]!, { width: 320, height: 240 }, false).scaleResolutionDownBy).toBe(1)
    expect(encodingOf(TERMS.publish[0]!, { width: 640, height: 480 }, false).scaleResolutionDownBy).toBeCloseTo(4 / 3)
  })
})
