import { InferenceSession, Tensor } from '../onnx.ts'
import { SAMPLE_RATE } from '../provider.ts'
import { type NextToken, openDecoder } from './decoder.ts'
import { likeliest } from './likeliest.ts'
import { findRepetition } from './repetition.ts'
import { decodeTokens, END_TOKEN, START_TOKEN } from './tokens.ts'
import type { Heard } from './wire.ts'

// The fastest speakers stay below it; what is longer was not said. https://huggingface.co/UsefulSensors/moonshine-tiny, 2026-11.
const TOKENS_PER_SECOND = 6.5
// Shorter than this the encoder's windows do not fit in.
const SHORTEST_SAMPLES = SAMPLE_RATE / 2
// Of real silence the model is sure; when it merely prefers to say nothing, what it would have said is usually right.
const SURELY_NOTHING = 0.5

// One thread: more processes, not more threads, use more cores. Without its arena it runs four times as long (measured).
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
}

// Small shifts of the same audio give it other ears, so to say: where it is unsure it listens a second time, 0.2 s later, and the surer
// of the two counts. That takes the worst mistakes away at a third more time on unclear voices, and none on clear ones (measured).
const SURE = 0.85
const SHIFT_SAMPLES = SAMPLE_RATE / 5

export interface Moonshine {
  /** `audio`: 16 kHz mono, -1 to 1, at most 30 s. One at a time. */
  hear(audio: Float32Array): Promise<Heard>
}

export async function openMoonshine(weights: { encoder: Uint8Array; decoder: Uint8Array }): Promise<Moonshine> {
  const encoder = await InferenceSession.create(weights.encoder, sessionOptions)
  const decoder = await openDecoder(weights.decoder, sessionOptions)
  const listen = async (audio: Float32Array): Promise<Heard> => {
    const input = new Tensor('float32', audio, [1, audio.length])
    const { last_hidden_state: encoded } = await encoder.run({ input_values: input })
    return writeDown(decoder.begin(encoded as Tensor), Math.ceil((audio.length / SAMPLE_RATE) * TOKENS_PER_SECOND))
  }
  return {
    hear: async (audio) => {
      const heard = await listen(pad(audio, 0))
      if (heard.probability >= SURE) return heard
      const again = await listen(pad(audio, SHIFT_SAMPLES))
      return again.probability > heard.probability ? again : heard
    },
  }
}

/** Greedy: always the likeliest token, until the ending one, a circle, or the limit. */
async function writeDown(next: NextToken, limit: number): Promise<Heard> {
  const tokens: number[] = []
  let logProbability = 0
  let steps = 0
  let isRepeating = false
  let token = START_TOKEN
  while (token !== END_TOKEN && tokens.length < limit && !isRepeating) {
    const logits = await next(token)
    let choice = likeliest(logits)
    if (tokens.length === 0 && choice.token === END_TOKEN && choice.probability < SURELY_NOTHING) {
      choice = likeliest(logits, END_TOKEN)
    }
    token = choice.token
    logProbability += Math.log(choice.probability)
    steps += 1
    if (token === END_TOKEN) break
    tokens.push(token)
    const cutAt = findRepetition(tokens)
    if (cutAt !== undefined) {
      tokens.length = cutAt
      isRepeating = true
    }
  }
  return {
    text: decodeTokens(tokens),
    tokenCount: tokens.length,
    probability: Math.exp(logProbability / Math.max(1, steps)),
    isRepeating,
    isCutShort: token !== END_TOKEN && !isRepeating,
  }
}

/** With silence before it, and as long as the model needs. */
function pad(audio: Float32Array, before: number): Float32Array {
  const length = Math.max(audio.length + before, SHORTEST_SAMPLES)
  if (length === audio.length) return audio
  const padded = new Float32Array(length)
  padded.set(audio, before)
  return padded
}
