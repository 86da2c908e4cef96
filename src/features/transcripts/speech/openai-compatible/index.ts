import { cleanLine } from '../../../../base/text.ts'
import { encodeWav } from '../../../../formats/wav/encode-wav.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import { checkAudio, isSilent } from '../check-audio.ts'
import { speechError } from '../errors.ts'
import { SAMPLE_RATE, type SpeechProvider, type SpeechResult, type TranscribeOptions } from '../provider.ts'
import { createWorkQueue } from '../work-queue.ts'
import { readAnswer } from './read-answer.ts'

interface OpenaiCompatibleOptions {
  http: HttpClient
  /** SPEECH_API_URL: the server's address, with `/v1` at its end or without. */
  url: string | URL
  apiKey?: string | undefined
  /** What the server calls its model: `whisper-1` if not given, which most take for "the one you have". */
  model?: string | undefined
  /** Requests at a time: 4 if not given. */
  concurrency?: number
}

// A server without a graphics card may take as long as the audio lasts, and longer when others ask too.
const TIMEOUT_MS = 120_000

/** A transcription server that speaks OpenAI's interface: audio leaves this machine for wherever the administrator says. */
export function createOpenaiCompatibleProvider(options: OpenaiCompatibleOptions): SpeechProvider {
  const { concurrency = 4 } = options
  const queue = createWorkQueue({ width: concurrency, room: concurrency * 2 })
  const closing = new AbortController()
  return {
    name: 'openai-compatible',
    get pending() {
      return queue.pending
    },
    whenRoom: (signal) => queue.whenRoom(signal),
    transcribe: async (audio, asked = {}) => {
      checkAudio(audio)
      asked.signal?.throwIfAborted()
      if (isSilent(audio)) return { text: '', confidence: 1, language: null, reason: 'no_speech' }
      const signal = asked.signal ? AbortSignal.any([asked.signal, closing.signal]) : closing.signal
      return queue.run(() => ask(options, audio, { ...asked, signal }), signal)
    },
    [Symbol.asyncDispose]: async () => {
      const reason = speechError('speech_closed', 'Speech to text is shutting down.', { retry: 'later' })
      queue.close(reason)
      closing.abort(reason)
    },
  }
}

async function ask(
  options: OpenaiCompatibleOptions,
  audio: Float32Array,
  { language, signal }: TranscribeOptions,
): Promise<SpeechResult> {
  const base = String(options.url).replace(/\/+$/, '').replace(/\/v1$/, '')
  // This interface wants the language alone, without a country.
  const spoken = language?.toLowerCase().split('-')[0]
  const form = new FormData()
  form.set('model', options.model ?? 'whisper-1')
  form.set('response_format', 'verbose_json')
  form.set('temperature', '0')
  if (spoken) form.set('language', spoken)
  form.set('file', new Blob([encodeWav(audio, SAMPLE_RATE)], { type: 'audio/wav' }), 'speech.wav')
  // As bytes: the HTTP client takes no streams, so that it can tell their length.
  const encoded = new Response(form)
  const body = new Uint8Array(await encoded.arrayBuffer())
  const response = await options.http.request({
    url: `${base}/v1/audio/transcriptions`,
    method: 'POST',
    headers: {
      'content-type': encoded.headers.get('content-type') ?? '',
      accept: 'application/json',
      ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}),
    },
    body,
    timeoutMs: TIMEOUT_MS,
    // Nothing is stored there, so that the same audio may arrive twice.
    retries: 1,
    guard: 'trusted',
    ...(signal ? { signal } : {}),
  })
  if (response.status !== 200) throw refusal(response)
  const result = readAnswer(parseJson(response), spoken)
  if (result) return result
  const message = 'The server of SPEECH_API_URL answered something that is no transcription. Check the address.'
  throw speechError('speech_bad_answer', message, { retry: 'later' })
}

function parseJson(response: HttpResponse): unknown {
  try {
    return JSON.parse(response.text())
  } catch {
    return undefined
  }
}

function refusal(response: HttpResponse): Error {
  const { status, retryAfterMs } = response
  const said = cleanLine(response.text(), 200)
  const details = { status, said }
  if (status === 401 || status === 403) {
    const message = `The server of SPEECH_API_URL does not accept SPEECH_API_KEY (status ${status}). Set the key it expects.`
    return speechError('speech_unauthorised', message, { retry: 'later', details })
  }
  if (status === 404 || status === 405) {
    const message = `The server of SPEECH_API_URL has no /v1/audio/transcriptions (status ${status}). Check the address and the name of the model.`
    return speechError('speech_not_found', message, { retry: 'later', details })
  }
  if (status === 408 || status === 429 || status >= 500 || status < 400) {
    const message = `The server of SPEECH_API_URL cannot transcribe at the moment (status ${status}). It is tried again later.`
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    return speechError('speech_unavailable', message, { retry: 'later', details, ...wait })
  }
  const message = `The server of SPEECH_API_URL refuses this audio (status ${status}): ${said}`
  return speechError('speech_refused', message, { details })
}
