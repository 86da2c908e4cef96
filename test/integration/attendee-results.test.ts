import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sweepAttendeeBotsJob } from '../../src/features/attendance/index.ts'
import { listBots } from '../../src/features/bots/index.ts'
import { readRecording } from '../../src/features/recordings/index.ts'
import { readTranscript } from '../../src/features/transcripts/index.ts'
import { sendJobsNow } from '../../src/platform/jobs/index.ts'
import { type AttendeeMeetings, createAttendeeMeetings } from '../support/attendee-meetings.ts'
import { seatGuest } from '../support/attendee-world.ts'

describe('What a server’s bot brings from its meeting', () => {
  let meetings: AttendeeMeetings

  beforeAll(async () => {
    meetings = await createAttendeeMeetings({ linkValidMs: 300, pageSize: 1 })
  })
  afterEach(() => meetings.world.attendee.mend())
  afterAll(() => meetings[Symbol.asyncDispose]())

  const words = async (id: string) =>
    (await readTranscript(meetings.app.db, id))?.utterances.map(({ text }) => text) ?? []
  /** Has whoever looks after bots that are over look at once, as after a while. */
  const lookAgain = async () => {
    await meetings.app.db.updateTable('attendeeBot').set({ looksAt: null }).execute()
    await sendJobsNow(meetings.app.queue, [{ job: sweepAttendeeBotsJob, payload: {} }])
  }
  const ageOf = async (id: string, minutes: number) =>
    meetings.app.db
      .updateTable('bot')
      .set({ stateAt: new Date(Date.now() - minutes * 60_000) })
      .where('meetingId', '=', id)
      .execute()

  test('comes when it is there, however long after its end: until then it is still being made, with what was told of it', async () => {
    const { attendee } = meetings.world
    attendee.holdUp(true)
    const { id, url, room, becomes } = await meetings.attend()
    // It is no text yet, so that nothing of it is told live.
    attendee.say(url, { speaker: 'Ana', text: '' })
    room.end()
    await becomes('ended')
    await expect.poll(async () => (await readTranscript(meetings.app.db, id))?.state).toBe('finishing')
    await ageOf(id, 45)
    const isAwaited = async () => (await listBots(meetings.app.db, [id])).map(({ awaitsWords }) => awaitsWords)
    expect(await isAwaited()).toEqual([true])
    attendee.correct(url, 'Ana', { text: 'Vor dem Warten.' })
    attendee.holdUp(false)
    await lookAgain()
    expect((await meetings.settled(id))?.state).toBe('complete')
    expect(await words(id)).toEqual(['Vor dem Warten.'])
    expect(await isAwaited()).toEqual([false])
  })

  test('is fetched at once where a notice says that it is there', async () => {
    const { attendee, takeNotices } = meetings.world
    await using _notices = await takeNotices()
    attendee.holdUp(true)
    const { id, url, room, bots, becomes } = await meetings.attend()
    attendee.say(url, { speaker: 'Ana', text: 'Auf Zuruf.' })
    room.end()
    await becomes('ended')
    const [bot] = await bots()
    // Nobody looks of themselves for an hour.
    const looksAt = async () =>
      (
        await meetings.app.db
          .selectFrom('attendeeBot')
          .select('looksAt')
          .where('botId', '=', bot?.id ?? '')
          .executeTakeFirst()
      )?.looksAt
    await expect.poll(looksAt, { timeout: 30_000, interval: 50 }).not.toBeNull()
    await meetings.app.db
      .updateTable('attendeeBot')
      .set({ looksAt: new Date(Date.now() + 3_600_000) })
      .execute()
    attendee.holdUp(false)
    await meetings.settled(id)
    expect(await words(id)).toEqual(['Auf Zuruf.'])
  }, 60_000)

  test('comes from one that broke down too: its words at once, its file when it is stored', async () => {
    const { attendee } = meetings.world
    const { id, url, remote, bots } = await meetings.attend()
    attendee.say(url, { speaker: 'Ana', text: 'Dann war es still.' })
    const [first] = remote()
    Object.assign(first ?? {}, { recordingFails: true })
    first?.crash()
    await expect.poll(() => words(id)).toEqual(['Dann war es still.'])
    await expect.poll(async () => (await bots()).length).toBe(2)
    expect((await readRecording(meetings.app.db, id))?.fileKey).toBeNull()
    Object.assign(first ?? {}, { hasFile: true })
    await lookAgain()
    await expect.poll(async () => (await readRecording(meetings.app.db, id))?.contentType).toBe('audio/mpeg')
    remote().at(-1)?.requestLeave()
  })

  test('comes whole, however often the server fails and however soon its links run out', async () => {
    const { attendee } = meetings.world
    const { id, url, room, remote, becomes } = await meetings.attend()
    await seatGuest(url, 'Ana')
    const ben = await seatGuest(url, 'Ben')
    // A bot of ours, as it is at a hand-over.
    await seatGuest(url, meetings.app.config.botName)
    await attendee.until(() => remote()[0]?.participants.size === 3)
    for (const [speaker, text] of [
      ['Ana', 'Erste Zeile'],
      ['Ben', 'Zweite Zeile'],
      ['Somebody by telephone', 'Third line'],
    ] as const)
      attendee.say(url, { speaker, text })
    ben.leave()
    await attendee.until(() => remote()[0]?.participantEvents.some(({ type }) => type === 'leave') === true)
    attendee.order({ kind: 500, on: /transcript|participants|recording/, times: 6 })
    attendee.order({ kind: 403, on: /^GET \/media/, times: 1 })
    const before = attendee.requests.length
    room.end()
    await becomes('ended')
    const transcript = await meetings.settled(id)
    expect(transcript?.utterances.map(({ text }) => text)).toEqual(['Erste Zeile', 'Zweite Zeile', 'Third line'])
    expect(transcript?.participants.map(({ name }) => name).toSorted()).toEqual(['Ana', 'Ben', 'Somebody by telephone'])
    await expect.poll(async () => (await readRecording(meetings.app.db, id))?.contentType).toBe('audio/mpeg')
    const media = attendee.requests.slice(before).filter(({ path }) => path.startsWith('/media/'))
    // Our key is not for whoever keeps the files.
    expect(media.map(({ headers }) => headers.authorization)).toEqual(media.map(() => undefined))
  })

  test('that was deleted there before it was fetched is missing here, and takes nothing of what was told live', async () => {
    const { attendee } = meetings.world
    attendee.holdUp(true)
    const { id, url, room, remote, becomes } = await meetings.attend()
    attendee.say(url, { speaker: 'Ana', text: 'Vor dem Löschen.' })
    await expect.poll(() => words(id)).toEqual(['Vor dem Löschen.'])
    room.end()
    await becomes('ended')
    attendee.order({ kind: 503 })
    attendee.holdUp(false)
    const [bot] = remote()
    await attendee.until(() => bot?.state === 'ended')
    bot?.deleteData()
    attendee.mend()
    await lookAgain()
    expect((await meetings.settled(id))?.state).toBe('partial')
    expect(await words(id)).toEqual(['Vor dem Löschen.'])
  })

  test('may be stored any number of times', async () => {
    const { attendee } = meetings.world
    const { id, url, room, becomes } = await meetings.attend()
    attendee.say(url, { speaker: 'Ana', text: 'Einmal.' })
    room.end()
    await becomes('ended')
    await meetings.settled(id)
    const { db } = meetings.app
    const before = await readTranscript(db, id)
    await db.updateTable('attendeeBot').set({ broughtAt: null, mediaAt: null, settledAt: null }).execute()
    await lookAgain()
    const unsettled = () => db.selectFrom('attendeeBot').select('botId').where('settledAt', 'is', null).execute()
    await expect.poll(unsettled).toEqual([])
    await meetings.settled(id)
    const { finishedAt: _, ...after } = (await readTranscript(db, id)) ?? {}
    expect(after).toMatchObject({ state: 'complete', utterances: before?.utterances, parts: before?.parts })
  })
})
