import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clipsFolder } from '../../sandbox/voices/clips.ts'
import { type App, startWorker } from '../../src/app.ts'
import { newId } from '../../src/base/ids.ts'
import { systemTimers } from '../../src/base/timers.ts'
import { SittingWriter } from '../../src/features/attendance/writing/sitting-writer.ts'
import type { Bot } from '../../src/features/bots/index.ts'
import { finishRecordingJob, readSteps } from '../../src/features/recordings/index.ts'
import {
  appendUtterance,
  readTranscript,
  recoverSpeech,
  recoverSpeechJob,
  type SpeechProvider,
  sweepSpeech,
  transcribeUtterance,
  transcribeUtteranceJob,
} from '../../src/features/transcripts/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { signalProcess } from '../support/processes.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { speak, tell } from '../support/spoken-meeting.ts'
import { until } from '../support/until.ts'

let world: TestApp
let app: App
beforeAll(async () => {
  world = await createTestApp()
  app = world.app
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.clock.set('2026-11-23T08:00:00Z'))

/** A meeting in which a bot sits, and has heard nothing yet. */
async function seat() {
  const { meetingId, botId } = await seedTranscript(app, { end: 'live', hasAudio: false, at: '2026-11-23T08:00:00Z' })
  const bot: Bot = {
    ...{ id: botId, meetingId, roomKey: '', runner: 'browser', state: 'joined_recording', fence: 0 },
    ...{
      joinAt: app.clock.now(),
      attendsAt: app.clock.now(),
      wanted: 'attend',
      jobId: null,
      holder: null,
    },
  }
  return { meetingId, bot }
}

/** The bot's worker is gone for good, and so is what it was just doing. */
async function lose(bot: Bot) {
  await app.db
    .updateTable('bot')
    .set({ state: 'fatal_error', fence: 1, updatedAt: app.clock.now() })
    .where('id', '=', bot.id)
    .execute()
  await app.db.updateTable('transcript').set({ state: 'finishing' }).where('meetingId', '=', bot.meetingId).execute()
  world.clock.advance(120_000)
}

const recover = (meetingId: string) => recoverSpeech({ ...app, openVoices: async () => undefined }, { meetingId })

/** Start and end of each utterance in seconds, in order. */
async function spans(meetingId: string) {
  const utterances = (await readTranscript(app.db, meetingId))?.utterances ?? []
  return utterances.map(({ startedMs, durationMs }) => [startedMs / 1_000, (startedMs + durationMs) / 1_000] as const)
}

async function countVoiceSteps(meetingId: string) {
  const { count } = await app.db
    .selectFrom('audioStep')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('meetingId', '=', meetingId)
    .where('participantId', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function jobsOf(name: string, where: (payload: Record<string, unknown>) => boolean) {
  const jobs = await app.queue.boss.findJobs<Record<string, unknown>>(name, {})
  return jobs.filter((job) => where(job.data)).length
}

function listen(bot: Bot) {
  return new SittingWriter({ ...app, timers: systemTimers, voices: undefined }, bot)
}

/** What a bot hears of somebody before it is killed; nothing of it is finished. */
async function hear(bot: Bot, ...said: (string | number)[]) {
  const writer = listen(bot)
  await writer.apply({ type: 'recording_started', at: app.clock.now() })
  await tell(writer, 'anna', await speak(...said))
  return writer
}

describe('A worker that is killed in the middle of a sentence', () => {
  test('loses at most the last five seconds: the rest is cut, transcribed with the speaker’s name, and not doubled', async () => {
    const { meetingId, bot } = await seat()
    const worker = fork(new URL('./listening-worker.fixture.ts', import.meta.url), {
      env: { ...process.env, DATABASE_URL: world.databaseUrl, BOT: JSON.stringify(bot), DATA_DIR: world.dataDir },
      execArgv: [],
    })
    await once(worker, 'message')
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const before = await spans(meetingId)
    expect(before).toHaveLength(1)

    await lose(bot)
    await recover(meetingId)
    const [first, ...rest] = await spans(meetingId)
    expect(first).toEqual(before[0])
    // 3.9 s and 1.5 s of pause are followed by 15 s in one go, of which the last step was not full.
    const spokenUntil = 3.917 + 1.5 + 4.028 + 6.871 + 4.028
    expect(rest[0]?.[0]).toBeGreaterThan(first?.[1] ?? 0)
    expect(rest[0]?.[0]).toBeLessThan(6)
    expect(rest.at(-1)?.[1]).toBeGreaterThan(spokenUntil - 5.5)
    expect(await countVoiceSteps(meetingId)).toBe(0)

    const heard = await transcribeAll(meetingId, app.speech)
    expect(heard[0]).toMatch(/how long will the new test take/i)
    expect(heard.slice(1).join(' ')).toMatch(/friday.*glass arrived yesterday/is)
    const transcript = await readTranscript(app.db, meetingId)
    expect(transcript).toMatchObject({ state: 'complete', parts: [{ startedMs: 0, endedMs: expect.any(Number) }] })
    expect(transcript?.participants.map((participant) => participant.name)).toEqual(['Anna Voice'])
  }, 60_000)
})

/** Does what the job would do for each utterance that is waiting; answers all texts in order. */
async function transcribeAll(meetingId: string, speech: SpeechProvider) {
  for (const { id, state } of (await readTranscript(app.db, meetingId))?.utterances ?? [])
    if (state === 'heard') await transcribeUtterance({ ...app, speech }, { utteranceId: id })
  return ((await readTranscript(app.db, meetingId))?.utterances ?? []).map((utterance) => utterance.text)
}

const parrot = {
  transcribe: async () => ({ text: 'Yes.', confidence: 1, language: 'en' }),
} as unknown as SpeechProvider

describe('Stored speech that nobody has cut', () => {
  test('is left alone while its bot sits there, and for a while after', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'rms-delivery')
    await recover(meetingId)
    expect(await spans(meetingId)).toEqual([])
    await app.db
      .updateTable('bot')
      .set({ state: 'ended', updatedAt: app.clock.now() })
      .where('id', '=', bot.id)
      .execute()
    world.clock.advance(19_000)
    await recover(meetingId)
    expect(await spans(meetingId)).toEqual([])
    expect(await countVoiceSteps(meetingId)).toBeGreaterThan(0)
  })

  test('keeps its transcript from ending until all of it is text', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'rms-delivery', 1_500)
    await lose(bot)
    await transcribeAll(meetingId, parrot)
    expect((await readTranscript(app.db, meetingId))?.state).toBe('finishing')
    await recover(meetingId)
    await transcribeAll(meetingId, parrot)
    expect((await readTranscript(app.db, meetingId))?.state).toBe('complete')
  })

  test('is cut once, however often and by however many that is done', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'slt-question', 1_200, 'rms-delivery', 'slt-closing')
    await lose(bot)
    await Promise.allSettled([recover(meetingId), recover(meetingId), recover(meetingId)])
    await recover(meetingId)
    const found = await spans(meetingId)
    expect(found.length).toBeGreaterThanOrEqual(2)
    for (const [i, span] of found.entries()) expect(span[0]).toBeGreaterThanOrEqual(found[i - 1]?.[1] ?? 0)
    expect(await countVoiceSteps(meetingId)).toBe(0)
    for (const { id } of (await readTranscript(app.db, meetingId))?.utterances ?? [])
      expect(await jobsOf(transcribeUtteranceJob.name, (payload) => payload.utteranceId === id)).toBe(1)
  })

  test('of which a step is damaged leaves a piece that says so, and the rest is text', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'rms-delivery', 'slt-opening', 'rms-delivery')
    const [participant] = await app.db.selectFrom('participant').select('id').where('botId', '=', bot.id).execute()
    const steps = await readSteps(app.db, { meetingId, participantId: participant?.id ?? '', limit: 9 })
    await app.db
      .updateTable('audioStep')
      .set({ opus: Buffer.from('no sound') })
      .where('id', '=', steps[1]?.id ?? '')
      .execute()
    await lose(bot)
    await recover(meetingId)
    await transcribeAll(meetingId, parrot)
    const transcript = await readTranscript(app.db, meetingId)
    expect(transcript?.state).toBe('partial')
    expect(transcript?.utterances.map(({ state }) => state)).toEqual(['done', 'failed', 'done'])
    expect(transcript?.utterances[1]).toMatchObject({ startedMs: steps[1]?.startedMs, durationMs: 5_000 })
  })

  test('does not exist where a bot could finish: its steps go with the end of its part', async () => {
    const { meetingId, bot } = await seat()
    const writer = await hear(bot, 'slt-question', 'rms-delivery')
    await writer.finish()
    expect(await countVoiceSteps(meetingId)).toBe(0)
    const before = await spans(meetingId)
    expect(before.length).toBeGreaterThan(0)
    await lose(bot)
    await recover(meetingId)
    expect(await spans(meetingId)).toEqual(before)
  })
})

describe('The sweep', () => {
  const sweep = () => sweepSpeech(app)

  test('has stored voices of lost bots recovered, one job for each meeting', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'rms-delivery')
    const waiting = () => jobsOf(recoverSpeechJob.name, (payload) => payload.meetingId === meetingId)
    await sweep()
    expect(await waiting()).toBe(0)
    await lose(bot)
    await sweep()
    await sweep()
    expect(await waiting()).toBe(1)
  })

  test('gives speech whose job is gone a new one, and none to speech that has one', async () => {
    const { meetingId, bot } = await seat()
    await hear(bot, 'rms-delivery', 1_500)
    const [first] = (await readTranscript(app.db, meetingId))?.utterances ?? []
    const [participant] = await app.db.selectFrom('participant').select('id').where('botId', '=', bot.id).execute()
    const lost = newId()
    const speech = { id: lost, meetingId, participantId: participant?.id ?? '', startedMs: 0, durationMs: 1_000 }
    await inTransaction(app.db, (trx) =>
      appendUtterance(trx, { ...speech, opus: Buffer.from('sound') }, app.clock.now()),
    )
    const jobs = (id: string | undefined) =>
      jobsOf(transcribeUtteranceJob.name, (payload) => payload.utteranceId === id)
    await sweep()
    expect(await jobs(lost)).toBe(0)
    world.clock.advance(121_000)
    await sweep()
    await sweep()
    expect([await jobs(first?.id), await jobs(lost)]).toEqual([1, 1])
  })

  test('ends a transcript that nobody ended, also one that still counts as live, and no other', async () => {
    const [over, live] = [await seat(), await seat()]
    await lose(over.bot)
    await app.db.updateTable('transcript').set({ state: 'live' }).where('meetingId', '=', over.meetingId).execute()
    await sweep()
    expect((await readTranscript(app.db, over.meetingId))?.state).toBe('none')
    expect(await jobsOf(finishRecordingJob.name, (payload) => payload.meetingId === over.meetingId)).toBe(1)
    expect(await jobsOf(finishRecordingJob.name, (payload) => payload.meetingId === live.meetingId)).toBe(0)
    expect((await readTranscript(app.db, live.meetingId))?.state).toBe('live')
  })
})

describe('A speech process that is killed', () => {
  test('again and again costs no word: what is stored is transcribed to the end', async () => {
    await using other = await createTestApp({ runsJobs: true })
    const { meetingId } = await seedTranscript(other.app, {
      end: 'live',
      lines: [{ by: 'Anna', at: 0, isPending: true }],
    })
    const [participant] = await other.app.db.selectFrom('participant').select('id').execute()
    for (const [i, name] of ['slt-question', 'rms-delivery', 'slt-closing'].entries()) {
      const opus = Buffer.from(await readFile(path.join(clipsFolder, `${name}.opus`)))
      const speech = { id: newId(), meetingId, participantId: participant?.id ?? '', durationMs: 4_000, opus }
      await inTransaction(other.app.db, (trx) =>
        appendUtterance(trx, { ...speech, startedMs: 10_000 * (i + 1) }, other.clock.now()),
      )
    }
    await other.app.db.deleteFrom('utterance').where('startedMs', '=', 0).execute()
    // Their jobs were lost as well: the sweep with which a worker begins finds them.
    other.clock.advance(180_000)
    await using _work = await startWorker(other.app)
    const killed = new Set<number>()
    const killAndLook = async () => {
      for (const pid of killed.size < 3 ? listSpeechProcesses() : []) {
        if (killed.has(pid)) continue
        if (signalProcess(pid)) killed.add(pid)
      }
      const { utterances = [] } = (await readTranscript(other.app.db, meetingId)) ?? {}
      return utterances
    }
    await until(killAndLook, (of) => of.length === 3 && of.every(({ state }) => state === 'done'))
    expect(killed.size).toBe(3)
    const { utterances = [] } = (await readTranscript(other.app.db, meetingId)) ?? {}
    expect(utterances.map(({ text }) => text).join(' ')).toMatch(/new test.*glass.*thursday/is)
  }, 60_000)
})

/** The children of this process that turn speech into text. */
function listSpeechProcesses(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]
      const isOurs =
        Number(parent) === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('hearing-')
      return isOurs ? [Number(name)] : []
    } catch {
      return []
    }
  })
}
