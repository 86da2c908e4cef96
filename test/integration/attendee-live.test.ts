import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishRecording, openRecording } from '../../src/features/recordings/index.ts'
import { readTranscript, transcriptPath } from '../../src/features/transcripts/index.ts'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { type AttendeeMeetings, createAttendeeMeetings } from '../support/attendee-meetings.ts'
import { type AttendeeWorld, seatGuest } from '../support/attendee-world.ts'
import { startTestWeb } from '../support/web.ts'

describe('The transcript of a meeting that an Attendee server attends', () => {
  let meetings: AttendeeMeetings
  let world: AttendeeWorld

  beforeAll(async () => {
    meetings = await createAttendeeMeetings()
    world = meetings.world
  })
  afterAll(() => meetings[Symbol.asyncDispose]())

  const attend = () => meetings.attend()
  const settled = (id: string) => meetings.settled(id)

  test('is read while it runs: each text stands there once, as it was corrected, and the end changes only what is different by then', async () => {
    const { db } = world.testApp.app
    const { id, url, room, remote, becomes } = await attend()
    const read = async () => {
      const transcript = await readTranscript(db, id)
      const names = new Map(transcript?.participants.map((one) => [one.id, one.name]))
      return (transcript?.utterances ?? []).map(({ participantId, text, durationMs }) => [
        names.get(participantId),
        text,
        durationMs,
      ])
    }
    // It is live before anybody says anything.
    await expect.poll(async () => (await readTranscript(db, id))?.state).toBe('live')
    await seatGuest(url, 'Ana')
    await expect.poll(async () => (await readTranscript(db, id))?.participants.map(({ name }) => name)).toEqual(['Ana'])
    world.attendee.say(url, { speaker: 'Ana', text: 'Good' })
    await expect.poll(read).toEqual([['Ana', 'Good', 1_000]])
    world.attendee.correct(url, 'Ana', { text: 'Good morning.', durationMs: 2_000 })
    await expect.poll(read).toEqual([['Ana', 'Good morning.', 2_000]])
    world.attendee.say(url, { speaker: 'Ben by telephone', text: 'Helo.' })
    world.attendee.say(url, { speaker: 'Ben by telephone', text: 'Anybody there?' })
    await expect.poll(read).toHaveLength(3)
    const before = await readTranscript(db, id)
    expect([before?.state, before?.parts.map(({ endedMs }) => endedMs)]).toEqual(['live', [null]])

    const [bot] = remote()
    const [, second] = bot?.utterances ?? []
    if (second) bot?.hear({ ...second, text: 'Hello.' })
    bot?.utterances.pop()
    room.end()
    await becomes('ended')
    const after = await settled(id)
    expect(await read()).toEqual([
      ['Ana', 'Good morning.', 2_000],
      ['Ben by telephone', 'Hello.', 1_000],
      // The server says no more that it was said.
      ['Ben by telephone', '', 1_000],
    ])
    expect(after?.utterances.map(({ state }) => state)).toEqual(['done', 'done', 'empty'])
    expect(after?.utterances[0]).toEqual(before?.utterances[0])
    expect(after?.utterances[1]).toMatchObject({
      id: before?.utterances[1]?.id,
      startedMs: before?.utterances[1]?.startedMs,
    })
    // Whoever reads live is given what changed, and from there on.
    expect(after?.utterances.slice(1).every(({ seq }) => seq > (before?.lastSeq ?? 0))).toBe(true)
    expect(after?.parts).toMatchObject([{ startedMs: 0, endedMs: expect.any(Number) }])
  })

  test('gets no words that were said once the bot of the next meeting in the room was ordered', async () => {
    const { app } = world.testApp
    const { id, url, room, becomes } = await attend()
    world.attendee.say(url, { speaker: 'Ana', text: 'That was it.' })
    await expect.poll(async () => (await readTranscript(app.db, id))?.utterances.length).toBe(1)
    await meetings.followBy(id)
    await world.attendee.until(() => world.attendee.bots().filter(({ order }) => order.meetingUrl === url).length === 2)
    world.attendee.say(url, { speaker: 'Ben', text: 'Is this the next one already?' })
    await becomes('ended')
    expect((await settled(id))?.utterances.map(({ text }) => text)).toEqual(['That was it.'])
    room.end()
  })

  test.each(['mp4', 'none'] as const)('is kept as was ordered: %s', async (format) => {
    const { app } = world.testApp
    const { db, blobs } = app
    world.settings.recording_settings = { format }
    const { id, url, room, becomes } = await attend()
    delete world.settings.recording_settings
    world.attendee.say(url, { speaker: 'Ana', text: 'Good morning.' })
    room.end()
    await becomes('ended')
    expect((await settled(id))?.state).toBe('complete')
    await finishRecording(app, { meetingId: id })
    const file = await openRecording({ db, blobs }, id)
    const session = await redeemSignInLink(
      db,
      app.clock,
      await createSignInLink(db, app.clock, { email: null, isAdmin: true }),
    )
    if (typeof session === 'string') throw new Error(session)
    await using web = await startTestWeb({
      db,
      audio: { open: (meetingId) => openRecording({ db, blobs }, meetingId) },
    })
    const page = async (name = '') => web.ask(`${transcriptPath(id)}${name}`, { session: session.token })
    const { body } = await page()
    expect(body).toContain('Good morning.')
    if (format === 'none') {
      expect([file, body.includes('data-player'), (await page('audio')).status]).toEqual([undefined, false, 404])
      expect(body).toContain('No recording is kept')
      return
    }
    expect([file?.contentType, (await page('audio')).headers['content-type']]).toEqual(['video/mp4', 'video/mp4'])
    expect([body.includes('data-player'), body.includes('No recording is kept')]).toEqual([true, false])
  })
})
