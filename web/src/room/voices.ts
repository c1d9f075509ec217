/** A changed voice out of a microphone's. */
import worklet from './voice.worklet.ts?worker&url'

export interface Changed { track: MediaStreamTrack; sound: AudioContext; stop: () => void }

/**
 * The changed voice of a microphone's track. Silent until the browser lets sound run (`sound.state`); never the voice itself.
 *
 * @throws Error when this browser has no worklets; then nothing is sent in its place.
 */
export async function changedOf(microphone: MediaStreamTrack): Promise<Changed> {
  const sound = new AudioContext()
  await sound.audioWorklet.addModule(worklet)
  const from = sound.createMediaStreamSource(new MediaStream([microphone]))
  const lower = new AudioWorkletNode(sound, 'lower-voice', { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1], channelCount: 1, channelCountMode: 'explicit' })
  const to = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 })
  from.connect(lower).connect(to)
  const [track] = to.stream.getAudioTracks()
  if (!track) throw new Error('no track of a sound')
  return {
    track,
    sound,
    stop() {
      track.stop()
      void sound.close()
    },
  }
}
