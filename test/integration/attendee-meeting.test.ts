import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signPayload } from '../../sandbox/attendee/canonical-json.ts'
import { receiveAttendeeNotice } from '../../src/features/attendance/index.ts'
import { listBotEvents } from '../../src/features/bots/index.ts'
import { refuseBot } from '../../src/features/meetings/index.ts'
import { finishRecording, openRecording } from '../../src/features/recordings/index.ts'
import { type AttendeeMeetings, createAttendeeMeetings } from '../support/attendee-meetings.ts'
import { type AttendeeWorld, seatGuest } from '../support/attendee-world.ts'
import { until } from '../support/until.ts'
import { startTestWeb } from '../support/web.ts'

describe('A meeting that an Attendee server attends', () => {
  let meetings: AttendeeMeetings
  let world: AttendeeWorld

  beforeAll(async () => {
    meetings = await createAttendeeMeetings()
    world = meetings.world
  })
  afterAll(() => meetings[Symbol.asyncDispose]())

  const attend = () => meetings.attend()
  const settled = (id: string) => meetings.settled(id)

  test('is recorded, transcribed with its speakers, and kept here: words, people and the file', async () => {
    const { db, blobs } = world.testApp.app
    const { id, url, room, remote, becomes } = await attend()
    expect(room.chat.map(({ text }) => text)).toEqual(['This meeting is transcribed.'])
    const ana = await seatGuest(url, 'Ana')
    await seatGuest(url, 'Ben')
    await world.attendee.until(() => remote()[0]?.participants.size === 2)
    world.attendee.say(url, { speaker: 'Ana', text: 'Sind alle da?' })
    world.attendee.say(url, { speaker: 'Ben', text: 'Ja.' })
    ana.leave()
    room.end()
    await becomes('ended')

    const transcript = await settled(id)
    expect(transcript?.state).toBe('complete')
    const names = new Map(transcript?.participants.map(({ id: person, name }) => [person, name]))
    expect(transcript?.utterances.map(({ participantId, text }) => [names.get(participantId), text])).toEqual([
      ['Ana', 'Sind alle da?'],
      ['Ben', 'Ja.'],
    ])
    // Both may come in the same millisecond.
    expect(transcript?.participants.map(({ name, leftAt }) => [name, leftAt !== null]).sort()).toEqual([
      ['Ana', true],
      ['Ben', true],
    ])
    expect(transcript?.parts).toHaveLength(1)

    // As the job that follows does, twice: somebody else's file stays as it came.
    for (let i = 0; i < 2; i++)
      // The job itself may be at it.
      await until(
        () => finishRecording(world.testApp.app, { meetingId: id }),
        (state) => state === 'complete',
      )
    const file = await openRecording({ db, blobs }, id)
    expect(file).toMatchObject({ contentType: 'audio/mpeg', sizeBytes: expect.any(Number) })
    expect(file?.durationMs).toBeGreaterThan(0)
    const bytes: Uint8Array[] = []
    for await (const piece of file?.read({ start: 0, end: 4 }) ?? []) bytes.push(piece)
    expect(Buffer.concat(bytes)).toEqual(Buffer.from([0xff, 0xfb, 0x10, 0xc4]))
    const stored = await db.selectFrom('recording').selectAll().where('meetingId', '=', id).executeTakeFirst()
    expect(JSON.stringify(stored)).not.toContain('Signature')
  })

  test('tells its states and what else the server reports, each once and with its time there', async () => {
    const { id, remote, room, becomes } = await attend()
    remote()[0]?.move('recording_paused')
    remote()[0]?.move('recording_resumed')
    room.end()
    await becomes('ended')
    const events = await listBotEvents(world.testApp.app.db, id, 100)
    expect(events.map(({ type, newState }) => [type, newState])).toEqual([
      ['staged', 'staged'],
      ['join_requested', 'joining'],
      ['joined_meeting', 'joined_recording'],
      ['recording_permission_granted', 'joined_recording'],
      ['recording_paused', 'joined_recording'],
      ['recording_resumed', 'joined_recording'],
      ['meeting_ended', 'post_processing'],
      ['post_processing_completed', 'ended'],
    ])
  })

  test('is left when a person says no', async () => {
    const { app } = world.testApp
    const { id, room, bots, becomes } = await attend()
    await refuseBot({ ...app.reconcile, db: app.db }, { meetingId: id, by: 'a test' })
    await room.until(({ participants }) => participants().length === 0)
    await becomes('ended')
    expect((await bots())[0]?.runner).toBe('attendee')
  })

  test('is left by its bot once the bot of the next meeting in the same room is in', async () => {
    const { app } = world.testApp
    const { id, room, becomes } = await attend()
    await meetings.followBy(id)
    await becomes('ended')
    expect(room.participants()).toHaveLength(1)
    const [first, second] = room.visits
    expect(first?.leftAt?.getTime()).toBeGreaterThanOrEqual(second?.enteredAt?.getTime() ?? Number.POSITIVE_INFINITY)
    const events = await listBotEvents(app.db, id, 100)
    expect(events.map(({ subType }) => subType)).toContain('next_meeting')
    room.end()
  })

  test('whose speech could not become text has failed, and says so', async () => {
    const { id, room, remote, becomes } = await attend()
    Object.assign(remote()[0] ?? {}, { transcriptionFails: true })
    room.end()
    await becomes('ended')
    expect((await settled(id))?.state).toBe('failed')
  })

  test('of which nothing was recorded has no transcript, whoever was there', async () => {
    const { id, room, remote, becomes } = await attend()
    Object.assign(remote()[0] ?? {}, { recordingFails: true })
    room.end()
    await becomes('ended')
    const transcript = await settled(id)
    expect([transcript?.state, transcript?.parts]).toEqual(['none', []])
  })

  test('is followed by notices in any order, doubled, lost, forged or about somebody else', async () => {
    const { app } = world.testApp
    const secret = world.attendee.webhookSecret
    await using web = await startTestWeb({
      attendeeNotices: { receive: (notice) => receiveAttendeeNotice(app, { ...notice, secret }) },
    })
    const hook = `${web.origin}/dashboard/webhook/attendee/`
    world.attendee.setWebhook(hook)
    for (const fault of [null, 'duplicated', 'reordered', 'lost', 'wrong_signature'] as const) {
      world.attendee.orderWebhooks(fault)
      const { room, becomes } = await attend()
      room.end()
      await becomes('ended')
    }
    world.attendee.orderWebhooks(null)
    world.attendee.setWebhook(null)
    await world.attendee.settled()
    const answers = world.attendee.deliveries.flatMap(({ statuses }) => statuses)
    expect(new Set(answers)).toEqual(new Set([204, 401]))
    const notices = await app.db.selectFrom('attendeeNotice').select('idempotencyKey').execute()
    expect(new Set(notices.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(notices.length)

    const ask = (body: string, signature = signPayload(JSON.parse(body), secret)) =>
      fetch(hook, { method: 'POST', body, headers: { 'x-webhook-signature': signature } }).then(({ status }) => status)
    const stranger = JSON.stringify({
      idempotency_key: randomUUID(),
      bot_id: 'bot_unknown',
      trigger: 'bot.state_change',
    })
    expect(await ask(stranger)).toBe(204)
    expect(await ask('{"trigger":"calendar.events_update"}')).toBe(204)
    // PostgreSQL takes no such text, and would not when it is sent again either.
    const nul = { idempotency_key: `${randomUUID()}\0`, bot_id: 'bot\0', trigger: 'bot\0' }
    expect(await ask(JSON.stringify(nul))).toBe(204)
    expect(await ask(JSON.stringify(nul))).toBe(204)
    expect(await ask(stranger, 'wrong')).toBe(401)
    const large = JSON.stringify({ bot_id: 'x'.repeat(70_000) })
    expect(await ask(large)).toBe(413)
  })
})
