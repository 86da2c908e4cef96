import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemTimers } from '../../src/base/timers.ts'
import type { SeatedParticipant } from '../../src/features/attendance/runners/runner.ts'
import { readPeopleElsewhere } from '../../src/features/attendance/seat/room-history-store.ts'
import { SittingWriter } from '../../src/features/attendance/writing/sitting-writer.ts'
import type { Bot } from '../../src/features/bots/index.ts'
import { readTranscript } from '../../src/features/transcripts/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { speak, tell } from '../support/spoken-meeting.ts'

// Whoever is called as our bots are is taken for one of them, an earlier one that is on its way out, until they say something.

let world: TestApp
beforeAll(async () => {
  world = await createTestApp()
})
afterAll(() => world[Symbol.asyncDispose]())

async function sit() {
  const { app } = world
  const { meetingId, botId } = await seedTranscript(app, { end: 'live', hasAudio: false })
  const { roomKey, joinAt, attendsAt } = await app.db
    .selectFrom('bot')
    .select(['roomKey', 'joinAt', 'attendsAt'])
    .where('id', '=', botId)
    .executeTakeFirstOrThrow()
  const bot: Bot = {
    ...{ id: botId, meetingId, roomKey, joinAt, attendsAt, runner: 'browser', state: 'joined_recording' },
    ...{ fence: 0, wanted: 'attend', jobId: null, holder: null },
  }
  const writer = new SittingWriter({ ...app, timers: systemTimers, voices: undefined }, bot)
  const see = (change: 'joined' | 'renamed' | 'left', participant: SeatedParticipant) =>
    writer.apply({ type: 'participant', at: app.clock.now(), change, participant })
  const names = async () =>
    ((await readTranscript(app.db, meetingId))?.participants ?? []).map(({ name }) => name).toSorted()
  return { app, bot, writer, see, names }
}

const ana = { nativeId: 'ana', name: 'Ana', hasBotName: false }
const double = { nativeId: 'double', name: 'Meeting Assistant', hasBotName: true }

test('a bot of ours is none of a meeting’s people, nor of those who are in a room', async () => {
  const { app, bot, see, names } = await sit()
  await see('joined', ana)
  await see('joined', double)
  expect(await names()).toEqual(['Ana'])
  const seen = { roomKey: bot.roomKey, jobId: '00000000-0000-4000-8000-000000000000', since: new Date(0) }
  expect((await readPeopleElsewhere(app.db, seen))?.map(({ name }) => name)).toEqual(['Ana'])
  await see('left', ana)
  expect(await readPeopleElsewhere(app.db, seen)).toEqual([])
  expect(await names()).toEqual(['Ana'])
})

test('a person of that name is one from their first word on, also once they have left', async () => {
  const { app, writer, see, names } = await sit()
  await writer.apply({ type: 'recording_started', at: app.clock.now() })
  await see('joined', double)
  expect(await names()).toEqual([])
  await tell(writer, double.nativeId, await speak('rms-promise'))
  await see('left', double)
  await writer.finish()
  expect(await names()).toEqual(['Meeting Assistant'])
})

test('and so is one whose words a server tells', async () => {
  const { app, writer, see, names } = await sit()
  await see('joined', double)
  const spokenAt = app.clock.now()
  const said = { nativeId: double.nativeId, spokenAt, durationMs: 1_000, text: 'Good morning.' }
  await writer.apply({ type: 'words', at: spokenAt, recordedFrom: spokenAt, people: [double], utterances: [said] })
  await see('renamed', double)
  expect(await names()).toEqual(['Meeting Assistant'])
})
