import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createClientUnderTest } from '../../../../../test/support/http-client.ts'
import { startHttpServer } from '../../../../../test/support/http-servers.ts'
import { createHttpClient } from '../../../../platform/http/index.ts'
import { describeSpeechProvider } from '../provider.contract.ts'
import { type HeardClip, readClips } from '../testdata/read-clips.ts'
import { createOpenaiCompatibleProvider } from './index.ts'

const speech = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i / 9) * 0.3)

describe('a server that speaks OpenAI’s interface', () => {
  let clips: HeardClip[]
  let url: string
  beforeAll(async () => {
    clips = await readClips()
    const { createServer } = await import('node:http')
    const server = createServer((request, response) => void answerClip(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    return () => {
      server.close()
      server.closeAllConnections()
    }
  })

  /** Knows the clips by the length of the audio, as a real server knows them by their sound. */
  async function answerClip(request: IncomingMessage, response: ServerResponse) {
    const { file } = await readForm(request)
    const seconds = ((await file.arrayBuffer()).byteLength - 44) / 32_000
    const clip = clips.find(({ audio }) => Math.abs(audio.length / 16_000 - seconds) < 0.001)
    const segments = [{ start: 0, end: seconds, avg_logprob: -0.1, no_speech_prob: 0.01 }]
    response.end(JSON.stringify({ text: ` ${clip?.text}`, language: 'english', segments }))
  }

  describeSpeechProvider(() =>
    createOpenaiCompatibleProvider({
      http: createHttpClient({ allowPrivateHosts: [], userAgent: 'Rapporteur test' }),
      url,
    }),
  )
})

test('it is asked with the key, the model, the language and a WAV file, under the address with /v1 or without', async () => {
  for (const suffix of ['', '/', '/v1', '/v1/']) {
    const forms: { fields: Record<string, string>; file: File }[] = []
    const { provider, server } = await open({ apiKey: 'secret', model: 'small', suffix }, async (request, response) => {
      forms.push(await readForm(request))
      response.end('{"text":"Ja."}')
    })
    const result = await provider.transcribe(speech, { language: 'de-AT' })
    expect(result).toEqual({ text: 'Ja.', confidence: 1, language: 'de' })
    expect(server.seen).toMatchObject([
      { method: 'POST', url: '/v1/audio/transcriptions', headers: { authorization: 'Bearer secret' } },
    ])
    const [form] = forms
    expect(form?.fields).toEqual({
      model: 'small',
      response_format: 'verbose_json',
      temperature: '0',
      language: 'de',
    })
    const wav = Buffer.from((await form?.file.arrayBuffer()) ?? new ArrayBuffer(0))
    expect([wav.toString('latin1', 0, 4), wav.readUInt32LE(24), wav.readUInt16LE(22)]).toEqual(['RIFF', 16_000, 1])
    expect(wav.readInt16LE(44 + 2 * 100) / 0x7fff).toBeCloseTo(speech[100] ?? 0, 3)
  }
})

test('what the server knows about its answer is taken: confidence, language, words', async () => {
  const body = {
    text: 'Guten Morgen.',
    language: 'german',
    segments: [
      { start: 0, end: 3, avg_logprob: Math.log(0.8), no_speech_prob: 0.1 },
      { start: 3, end: 4, avg_logprob: Math.log(0.8) },
    ],
    words: [{ word: 'Guten', start: 0.12, end: 0.5 }],
    usage: 'whatever',
  }
  const { provider } = await open({}, (_, response) => response.end(JSON.stringify(body)))
  expect(await provider.transcribe(speech)).toEqual({
    text: 'Guten Morgen.',
    confidence: expect.closeTo(0.8, 5),
    language: 'de',
    words: [{ text: 'Guten', startMs: 120, endMs: 500 }],
  })
})

test('text that the server believes to be no speech is none', async () => {
  const body = { text: 'Thanks for watching!', segments: [{ avg_logprob: -1.5, no_speech_prob: 0.9 }] }
  const { provider } = await open({}, (_, response) => response.end(JSON.stringify(body)))
  expect(await provider.transcribe(speech)).toMatchObject({ text: '', language: null, reason: 'no_speech' })
})

test.each([
  [401, '', 'speech_unauthorised', 'later', 'SPEECH_API_KEY'],
  [404, '', 'speech_not_found', 'later', '/v1/audio/transcriptions'],
  [400, '{"error":"too short"}', 'speech_refused', 'never', 'too short'],
  [429, '', 'speech_unavailable', 'later', '429'],
  [500, '', 'speech_unavailable', 'later', '500'],
  [200, '<html>', 'speech_bad_answer', 'later', 'SPEECH_API_URL'],
  [200, '{"no":"text"}', 'speech_bad_answer', 'later', 'SPEECH_API_URL'],
])('status %i with %j is %s, to be tried again: %s', async (status, body, code, retry, said) => {
  const { provider } = await open({ apiKey: 'secret' }, (_, response) => response.writeHead(status).end(body))
  const failure = { code, retry, message: expect.stringContaining(said) }
  await expect(provider.transcribe(speech)).rejects.toMatchObject(failure)
})

test('a server that is not there fails as any address does, to be tried again later', async () => {
  const { client } = createClientUnderTest()
  const provider = createOpenaiCompatibleProvider({ http: client, url: 'http://127.0.0.1:1' })
  await expect(provider.transcribe(speech)).rejects.toMatchObject({ code: 'http_unreachable', retry: 'later' })
})

interface Settings {
  apiKey?: string
  model?: string
  suffix?: string
}

async function open(
  { suffix = '', ...settings }: Settings,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
) {
  const server = await startHttpServer((request, response) => void answer(request, response))
  const { client } = createClientUnderTest()
  const provider = createOpenaiCompatibleProvider({ http: client, url: server.origin + suffix, ...settings })
  onTestFinished(() => provider[Symbol.asyncDispose]())
  return { provider, server }
}

/** Reads a form as any web server would. */
async function readForm(request: IncomingMessage): Promise<{ fields: Record<string, string>; file: File }> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  const form = await new Response(await buffer(request), { headers }).formData()
  const file = form.get('file') as File
  form.delete('file')
  return { fields: Object.fromEntries(form) as Record<string, string>, file }
}
