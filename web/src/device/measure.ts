/** Measures the machine: every function gives a plain fact, none decides. */
import { ask } from '@/api/client'
import { hasEd25519 } from '@/draw/bytes'
import { canSeal } from '@/room/sealing'
import type { Features } from './findings'

const TRIPS = 5
const SOCKET_MS = 8000

export async function features(): Promise<Features> {
  return { secure: window.isSecureContext, signing: await hasEd25519(), sealing: await canSeal(), sockets: 'WebSocket' in window }
}

/** Round trips in milliseconds, and the server's clock minus this one; null when nothing answers. */
export async function trips(): Promise<{ ms: number[]; skewMs: number | null }> {
  const ms: number[] = []
  let skewMs: number | null = null
  for (let i = 0; i < TRIPS; i += 1) {
    try {
      const [begun, from] = [performance.now(), Date.now()]
      const answer = await ask('GET', '/api/meta')
      const took = performance.now() - begun
      const { now } = (await answer.json()) as { now: string }
      ms.push(took)
      skewMs = Date.parse(now) - (from + took / 2)
    } catch {
      return { ms, skewMs }
    }
  }
  return { ms, skewMs }
}

/** Does the room's kind of connection open at all? It is closed again before anything is said. */
export function socketOpens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/room`)
    const end = (opened: boolean): void => {
      clearTimeout(timer)
      socket.close()
      resolve(opened)
    }
    const timer = setTimeout(() => end(false), SOCKET_MS)
    socket.onopen = () => end(true)
    socket.onerror = () => end(false)
  })
}

/** Two soft notes, a second and a half. */
export async function playTone(): Promise<void> {
  const sound = new AudioContext()
  await sound.resume()
  const start = sound.currentTime + 0.05
  for (const [i, pitch] of [523, 659].entries()) {
    const [note, loud] = [sound.createOscillator(), sound.createGain()]
    note.frequency.value = pitch
    const from = start + i * 0.75
    loud.gain.setValueAtTime(0, from)
    loud.gain.linearRampToValueAtTime(0.25, from + 0.05)
    loud.gain.linearRampToValueAtTime(0, from + 0.7)
    note.connect(loud).connect(sound.destination)
    note.start(from)
    note.stop(from + 0.75)
  }
  await new Promise((done) => setTimeout(done, 1700))
  await sound.close()
}
