import { PACKET_MS } from '../../../formats/opus/packet-length.ts'
import type { SpokenUtterance } from './spoken-utterance.ts'
import { createUtteranceSegmenter, type UtteranceSegmenter } from './utterance-segmenter.ts'
import type { VoiceActivityDetector } from './voice-activity.ts'

/** A packet of Opus, where it stands on the bot's time line. */
interface TimedPacket {
  startMs: number
  packet: Uint8Array
}

/** Speech is cut at 30 s; what is older than this and a little can belong to no utterance any more. */
const KEPT_MS = 40_000

export interface SpokenPiece {
  startMs: number
  durationMs: number
  packets: Uint8Array[]
}

interface VoiceRecorderOptions {
  /** One voice's own. By loudness alone if not given. */
  detector?: VoiceActivityDetector
  /** One person's continuous speech is over; its sound as it came. */
  onSpeech(piece: SpokenPiece): Promise<void>
}

/** Cuts one voice into utterances, and finds for each the Opus packets that carry it. The sound comes as packets and decoded, at 16 kHz. */
export class VoiceRecorder {
  readonly #segmenter: UtteranceSegmenter
  #packets: TimedPacket[] = []

  constructor({ detector, onSpeech }: VoiceRecorderOptions) {
    this.#segmenter = createUtteranceSegmenter({
      ...(detector === undefined ? {} : { detector }),
      onUtterance: async (utterance) => {
        const piece = this.#pieceOf(utterance)
        if (piece) await onSpeech(piece)
      },
    })
  }

  async push(audio: {
    startedMs: number
    packets: readonly Uint8Array[]
    pcm: Int16Array | Float32Array | null
  }): Promise<void> {
    for (const [i, packet] of audio.packets.entries()) {
      this.#packets.push({ startMs: audio.startedMs + i * PACKET_MS, packet })
    }
    const oldest = audio.startedMs - KEPT_MS
    if ((this.#packets[0]?.startMs ?? 0) < oldest)
      this.#packets = this.#packets.filter(({ startMs }) => startMs >= oldest)
    if (audio.pcm) await this.#segmenter.push(toFloats(audio.pcm), audio.startedMs)
  }

  /** Nothing is coming any more from before this time. */
  advance(untilMs: number): Promise<void> {
    return this.#segmenter.advance(untilMs)
  }

  end(): Promise<void> {
    return this.#segmenter.end()
  }

  #pieceOf({ startMs, endMs }: SpokenUtterance): SpokenPiece | undefined {
    const within = this.#packets.filter((one) => one.startMs + PACKET_MS > startMs && one.startMs < endMs)
    const [first] = within
    if (!first) return undefined
    return {
      startMs: first.startMs,
      durationMs: within.length * PACKET_MS,
      packets: within.map(({ packet }) => packet),
    }
  }
}

function toFloats(pcm: Int16Array | Float32Array): Float32Array {
  if (pcm instanceof Float32Array) return pcm
  const floats = new Float32Array(pcm.length)
  for (let i = 0; i < pcm.length; i++) floats[i] = (pcm[i] as number) / 32_768
  return floats
}
