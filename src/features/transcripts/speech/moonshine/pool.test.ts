import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLogCapture } from '../../../../../test/support/log-capture.ts'
import { signalProcess } from '../../../../../test/support/processes.ts'
import { createLogger } from '../../../../platform/observe/index.ts'
import { defaultModelDir, verifyModel } from '../model-files.ts'
import { readClips } from '../testdata/read-clips.ts'
import { createSpeechPool, type SpeechPool, type SpeechPoolOptions } from './pool.ts'

const problems = await verifyModel(defaultModelDir)
const clips = await readClips()
const short = clips[0]?.audio ?? new Float32Array(0)
const long = new Float32Array(30 * 16_000)
for (let at = 0; at < long.length; at += short.length) long.set(short.subarray(0, long.length - at), at)

function open(options: Partial<SpeechPoolOptions> = {}) {
  const capture = createLogCapture()
  const log = createLogger({ level: 'info', destination: capture })
  const pool = createSpeechPool({ processes: 1, modelDir: defaultModelDir, log, ...options })
  onTestFinished(() => pool[Symbol.asyncDispose]())
  return { pool, capture }
}

const killAll = (pool: SpeechPool) => pool.pids.map((pid) => signalProcess(pid))

describe.skipIf(problems.length > 0)(`children that hear ${problems.join(' ')}`, () => {
  test('a child that is killed in the middle of an utterance costs nothing: another one hears it', async () => {
    const { pool, capture } = open()
    await pool.hear(short)
    const heard = pool.hear(long)
    const [first] = killAll(pool) && pool.pids
    expect((await heard).text).toMatch(/good morning/i)
    expect(pool.pids).not.toContain(first)
    expect(capture.entries()).toMatchObject([{ level: 'warn', message: 'A speech process failed' }])
  })

  test.runIf(process.platform === 'linux')(
    'a child has none of our secrets, and is not root when it hears',
    async () => {
      vi.stubEnv('TRANSCRIPT_TOKEN_SECRET', 'planted')
      onTestFinished(() => void vi.unstubAllEnvs())
      const { pool } = open()
      await pool.hear(short)
      const [pid] = pool.pids
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/planted|TRANSCRIPT_TOKEN_SECRET|PATH=/)
      const users = /^Uid:\s+(.+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/)
      expect(users).toHaveLength(4)
      expect(users).not.toContain('0')
    },
  )

  test('a child that dies while nothing is to be heard is replaced without anybody noticing', async () => {
    const { pool } = open()
    await pool.hear(short)
    const [first] = pool.pids
    killAll(pool)
    expect((await pool.hear(short)).text).toMatch(/good morning/i)
    expect(pool.pids).not.toContain(first)
  })

  test('a child that has heard enough, or has grown too large, is replaced between two utterances', async () => {
    for (const limit of [{ utterancesPerChild: 1 }, { childRssBytes: 1 }]) {
      const { pool, capture } = open(limit)
      await pool.hear(short)
      expect(pool.pids).toEqual([])
      expect(capture.entries()).toMatchObject([{ message: 'A speech process was replaced', utterances: 1 }])
    }
  })

  test('one that answers nobody in time is stuck; the second in a row is an error that may be tried again', async () => {
    const { pool } = open({ deadlineMs: 1 })
    const failure = { code: 'speech_process_failed', retry: 'later' }
    await expect(pool.hear(short)).rejects.toMatchObject(failure)
    expect(pool.pids).toEqual([])
  })

  test('a child that is stopped is replaced long before its time is up, as it does nothing', async () => {
    const { pool } = open({ stillMs: 5_000 })
    await pool.hear(short)
    const [stopped] = pool.pids
    process.kill(stopped ?? 0, 'SIGSTOP')
    expect((await pool.hear(short)).text).toMatch(/good morning/i)
    expect(pool.pids).not.toContain(stopped)
  })

  test('closing in the middle of an utterance fails it and what waits, and leaves no process', async () => {
    const { pool } = open()
    const results = Promise.allSettled([pool.hear(long), pool.hear(short)])
    await pool[Symbol.asyncDispose]()
    const closed = { status: 'rejected', reason: { code: 'speech_closed', retry: 'later' } }
    expect(await results).toMatchObject([closed, closed])
    expect(pool.pids).toEqual([])
  })

  test('children end when their parent is killed', async () => {
    const program = fileURLToPath(new URL('../testdata/hear-for-ever.ts', import.meta.url))
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] })
    await once(parent.stdout, 'data')
    parent.kill('SIGKILL')
    // Both processes hold the pipe of errors: it closes when the last of them is gone.
    await once(parent, 'close')
    expect(parent.signalCode).toBe('SIGKILL')
  })

  test('without the model the error says which file is missing and what to do, once; when it is repaired, work goes on', async () => {
    const modelDir = await temporaryFolder()
    const { pool, capture } = open({ modelDir })
    const missing = { code: 'speech_model_missing', retry: 'later', message: expect.stringContaining('fetch-model') }
    await expect(pool.hear(short)).rejects.toMatchObject(missing)
    await expect(pool.hear(short)).rejects.toMatchObject(missing)
    expect(capture.entries()).toHaveLength(1)
    await cp(defaultModelDir, modelDir, { recursive: true })
    expect((await pool.hear(short)).text).toMatch(/good morning/i)
  })

  test('a damaged model is never loaded', async () => {
    const modelDir = await temporaryFolder()
    await cp(defaultModelDir, modelDir, { recursive: true })
    const file = path.join(modelDir, 'moonshine-tiny/decoder_model_merged.onnx')
    await writeFile(file, 'half a file')
    const corrupt = { code: 'speech_model_corrupt', retry: 'later', message: expect.stringContaining(file) }
    await expect(open({ modelDir }).pool.hear(short)).rejects.toMatchObject(corrupt)
  })
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-model-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
