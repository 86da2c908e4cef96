import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { clips, clipsFolder } from '../sandbox/voices/clips.ts'
import {
  createSpeechProvider,
  createUtteranceSegmenter,
  decodeOggOpus,
  defaultModelDir,
  openSilero,
  SAMPLE_RATE,
  type SpeechProvider,
  verifyModel,
} from '../src/features/transcripts/index.ts'
import { createHttpClient } from '../src/platform/http/index.ts'
import { countWordErrors } from '../test/support/word-error-rate.ts'
import { atMost, type Bench, median, reported, timed } from './figure.ts'
import { hashForAWhile } from './yardstick.ts'

interface SpokenClip {
  text: string
  audio: Float32Array
}

export const speechBench: Bench = {
  name: 'speech',
  about: 'Word error rate on the sandbox’s sentences, and what one speech process costs.',
  async run({ full, note }) {
    const problems = await verifyModel(defaultModelDir)
    if (problems.length > 0) throw new Error(problems.join(' '))
    const spoken = await Promise.all(clips.map(readClip))
    await using http = createHttpClient({ allowPrivateHosts: [], userAgent: 'Rapporteur bench' })
    const log = { info: note, warn: note }
    const settings = { processes: 1, modelDir: defaultModelDir }
    await using provider = createSpeechProvider({ http, log }, 'moonshine', settings)
    const yardstick = await hashForAWhile()
    const begin = await timed(() => provider.transcribe(halfASecond()))
    const rounds = await repeat(full ? 10 : 3, () => hearClips(provider, spoken, note))
    const meeting = await hearMeeting(provider, spoken, note)
    const long = await timed(() => provider.transcribe(thirtySeconds(spoken)))
    return [
      reported('yardstick: SHA-256 of 256 MB', yardstick, 's'),
      atMost('word error rate, sentence by sentence', rounds[0]?.errorRate ?? Number.NaN, '', 0.1),
      atMost('word error rate, cut out of a meeting', meeting.errorRate, '', 0.1),
      atMost('real-time factor of a process, median', median(rounds.map(({ factor }) => factor)), '', 0.05),
      reported('real-time factor of 30 s in one piece', long.ms / 30_000, ''),
      reported('first words of a new process', begin.ms / 1_000, 's'),
      reported('voice activity, of one core for a speaker', meeting.activityShare * 100, '%'),
      reported('memory of a process after 30 s in one piece', await childMegabytes(), 'MB'),
    ]
  },
}

async function readClip({ name, text }: { name: string; text: string }): Promise<SpokenClip> {
  return { text, audio: await decodeOggOpus(await readFile(path.join(clipsFolder, `${name}.opus`))) }
}

/** Every sentence by itself, one after the other. */
async function hearClips(provider: SpeechProvider, spoken: readonly SpokenClip[], note: (line: string) => void) {
  const said: string[] = []
  let samples = 0
  const { ms } = await timed(async () => {
    for (const { audio } of spoken) {
      said.push((await provider.transcribe(audio)).text)
      samples += audio.length
    }
  })
  const counts = spoken.map(({ text }, i) => ({ text, heard: said[i] ?? '', ...countWordErrors(text, said[i] ?? '') }))
  for (const { errors, text, heard } of counts) if (errors > 0) note(`${errors}  ${text}\n   ${heard}`)
  const [errors, words] = [sum(counts.map((count) => count.errors)), sum(counts.map((count) => count.words))]
  return { errorRate: errors / words, factor: ms / (samples / (SAMPLE_RATE / 1_000)) }
}

/** All sentences as one person's audio with pauses between, cut up as in a meeting. */
async function hearMeeting(provider: SpeechProvider, spoken: readonly SpokenClip[], note: (line: string) => void) {
  await using silero = await openSilero(defaultModelDir)
  const pieces: Float32Array[] = []
  const segmenter = createUtteranceSegmenter({
    detector: silero.createDetector(),
    onUtterance: ({ samples }) => void pieces.push(samples),
  })
  const signal = joined(spoken.flatMap(({ audio }) => [audio, new Float32Array(SAMPLE_RATE)]))
  const step = SAMPLE_RATE / 10
  const { ms } = await timed(async () => {
    for (let at = 0; at < signal.length; at += step) {
      await segmenter.push(signal.subarray(at, at + step), (at * 1_000) / SAMPLE_RATE)
    }
    await segmenter.end()
  })
  note(`${spoken.length} sentences became ${pieces.length} utterances`)
  const heard: string[] = []
  for (const piece of pieces) heard.push((await provider.transcribe(piece)).text)
  const { errors, words } = countWordErrors(spoken.map(({ text }) => text).join(' '), heard.join(' '))
  const speechMs = sum(spoken.map(({ audio }) => audio.length)) / (SAMPLE_RATE / 1_000)
  return { errorRate: errors / words, activityShare: ms / speechMs }
}

function thirtySeconds(spoken: readonly SpokenClip[]): Float32Array {
  return joined(spoken.map(({ audio }) => audio)).slice(0, 30 * SAMPLE_RATE)
}

function halfASecond(): Float32Array {
  return Float32Array.from({ length: SAMPLE_RATE / 2 }, (_, i) => Math.sin(i / 7) / 10)
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(sum(pieces.map(({ length }) => length)))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

async function repeat<Result>(times: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let i = 0; i < times; i++) results.push(await work())
  return results
}

/** Resident memory of the only child, where the kernel says so; not a number elsewhere. */
async function childMegabytes(): Promise<number> {
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').catch(() => '')
  const sizes = children
    .trim()
    .split(' ')
    .map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const isOurs = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('hearing-process')
      return isOurs ? Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024 : 0
    })
  return sum(await Promise.all(sizes)) || Number.NaN
}
