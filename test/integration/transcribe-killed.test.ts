import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { clipsFolder } from '../../sandbox/voices/clips.ts'
import { newId } from '../../src/base/ids.ts'
import { appendUtterance, readTranscript, transcribeUtteranceJob } from '../../src/features/transcripts/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { sendJobs } from '../../src/platform/jobs/index.ts'
import { createTestApp } from '../support/app.ts'
import { startHttpServer } from '../support/http-servers.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { until } from '../support/until.ts'
import { startWorkerProcess, workerSecrets } from '../support/worker-process.ts'

test('an utterance whose worker is killed in the middle becomes text through another worker, once', async () => {
  const now = new Date()
  await using world = await createTestApp({ now, env: workerSecrets })
  const { app } = world
  let asked = 0
  const speech = await startHttpServer((request, response) => {
    request.resume()
    asked += 1
    // Whoever asks first waits for an answer that never comes.
    if (asked === 1) return
    const segments = [{ start: 0, end: 4, avg_logprob: -0.1, no_speech_prob: 0.01 }]
    response.end(JSON.stringify({ text: ' How long will it take?', language: 'english', segments }))
  })
  const { meetingId } = await seedTranscript(app, { end: 'live', lines: [{ by: 'Anna', at: 0, isPending: true }] })
  const { id: participantId } = await app.db.selectFrom('participant').select('id').executeTakeFirstOrThrow()
  await app.db.deleteFrom('utterance').execute()
  const utteranceId = newId()
  const opus = Buffer.from(await readFile(path.join(clipsFolder, 'slt-question.opus')))
  await inTransaction(app.db, async (trx) => {
    await appendUtterance(
      trx,
      { id: utteranceId, meetingId, participantId, startedMs: 0, durationMs: 4_000, opus },
      now,
    )
    await sendJobs(app.queue, trx, [{ job: transcribeUtteranceJob, payload: { utteranceId } }])
  })

  const worker = () => startWorkerProcess(world.databaseUrl, { SPEECH_API_URL: speech.origin })
  await using first = await worker()
  await until(
    () => asked,
    (times) => times === 1,
  )
  first.signal('SIGKILL')
  await once(first.child, 'exit')
  await using _second = await worker()
  // No sign of life for longer than its heartbeat.
  await app.queue.boss
    .getDb()
    .executeSql(`update rapporteur_jobs.job set heartbeat_on = now() - interval '1 minute' where name = $1`, [
      transcribeUtteranceJob.name,
    ])

  const transcript = await until(
    () => readTranscript(app.db, meetingId),
    (read) => read?.utterances.every(({ state }) => state !== 'heard') === true,
  )
  expect(transcript?.utterances).toMatchObject([{ id: utteranceId, state: 'done', text: 'How long will it take?' }])
  const jobs = await until(
    () => app.queue.boss.findJobs(transcribeUtteranceJob.name, {}),
    (found) => found.every(({ state }) => state === 'completed'),
  )
  expect(jobs).toHaveLength(1)
  expect(asked).toBe(2)
}, 30_000)
