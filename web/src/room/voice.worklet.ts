/** The changed voice in the sound's own thread, which no sleeping tab stops. */
import { LowerVoice } from './voice'

declare const sampleRate: number
declare function registerProcessor(name: string, made: unknown): void
declare class AudioWorkletProcessor {}

class LowerVoiceProcessor extends AudioWorkletProcessor {
  private readonly voice = new LowerVoice(sampleRate, Math.random())
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [input, output] = [inputs[0]?.[0], outputs[0]?.[0]]
    if (output && input) this.voice.process(input, output)
    else output?.fill(0)
    return true
  }
}
registerProcessor('lower-voice', LowerVoiceProcessor)
