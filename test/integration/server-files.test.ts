import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentMp3 } from '../../sandbox/attendee/silent-mp3.ts'
import { newBotId } from '../../src/base/ids.ts'
import { Resources } from '../../src/base/resources.ts'
import type { Bot } from '../../src/features/bots/index.ts'
import { openRecording } from '../../src/features/recordings/index.ts'
import { finishTranscript, storeGathered, transcriptPath } from '../../src/features/transcripts/index.ts'
import { type BlobStore, createDiskBlobs } from '../../src/platform/blobs/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

const MINUTE = 60_000
const startsAt = new Date('2026-11-23T07:00:00Z')
const at = (minutes: number) => new Date(startsAt.getTime() + minutes * MINUTE)
const person = (name: string) => ({ email: `${name}@example.com`, name, response: 'accepted', kind: 'person' }) as const

/** Ana's first meeting runs over to 07:33, and the bot of her second came in while the first one's was still there for a minute. */
const HANDED_ON = 33
const LEFT = 34

describe('The file that a server’s bot recorded, whose meeting handed its room on', () => {
  let resources: Resources
  let web: TestWeb
  let blobs: BlobStore
  const sessions = new Map<string, string>()
  let rooms = 0

  beforeAll(async () => {
    resources = new Resources()
    const dir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-files-'))
    resources.use({ [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) })
    blobs = createDiskBlobs(dir)
    web = resources.use(await startTestWeb({ audio: { open: (id) => openRecording({ db: web.db, blobs }, id) } }))
    for (const name of ['ana', 'ben', 'cleo'])
      sessions.set(name, await web.signIn({ email: `${name}@example.com`, isAdmin: false }))
    sessions.set('admin', await web.signIn({ email: 'admin@example.com', isAdmin: true }))
  })
  afterAll(() => resources[Symbol.asyncDispose]())

  async function hold(content: Uint8Array, { isAlone = false } = {}) {
    const { db, clock } = web
    const room = `sandbox:room-${++rooms}`
    const calendar = { id: await seedCalendar(db, clock, 'ana@example.com'), owner: 'ana@example.com' }
    const location = `https://meet.google.com/abc-defg-h${String.fromCharCode(97 + rooms)}a`
    const organizer = { organizerEmail: 'ana@example.com', organizerName: 'Ana', location }
    const events = [
      {
        ...organizer,
        uid: `a-${rooms}`,
        title: 'First',
        at: at(0).toISOString(),
        attendees: [person('ana'), person('ben')],
      },
      {
        ...organizer,
        uid: `b-${rooms}`,
        title: 'Second',
        at: at(30).toISOString(),
        attendees: [person('ana'), person('cleo')],
      },
    ]
    await seedEvents({ ...web, joinable: ['google_meet'] }, [calendar], events)
    const idOf = async (uid: string) =>
      (await db.selectFrom('meeting').select('id').where('uid', '=', uid).executeTakeFirstOrThrow()).id
    const meetingIds = [await idOf(`a-${rooms}`), await idOf(`b-${rooms}`)] as const
    const bots = meetingIds.map((meetingId) => ({ id: newBotId(), meetingId }))
    for (const [index, bot] of bots.entries()) {
      if (isAlone && index > 0) continue
      const [orderedAt, cameAt] = index === 0 ? [at(-1), at(0)] : [at(HANDED_ON), at(LEFT)]
      const row = {
        ...bot,
        roomKey: room,
        runner: 'attendee',
        state: 'ended',
        joinAt: orderedAt,
        attendsAt: orderedAt,
        jobId: null,
      }
      await db.insertInto('bot').values(row).execute()
      await db
        .insertInto('attendeeBot')
        .values({ botId: bot.id, deduplicationKey: bot.id, remoteId: null, createdAt: orderedAt })
        .execute()
      const moved = {
        type: 'joined_meeting',
        subType: null,
        oldState: 'joining',
        newState: 'joined_recording',
        detail: '{}',
      }
      await db
        .insertInto('botEvent')
        .values({ ...moved, botId: bot.id, createdAt: cameAt })
        .execute()
    }
    await storeGathered({ db, blobs, clock, log: { warn: () => {} } }, bots[0] as Bot, {
      recordedFrom: at(0),
      recordedUntil: at(LEFT),
      hasSound: true,
      people: [{ nativeId: 'ana', name: 'Ana', joinedAt: at(0), leftAt: null }],
      utterances: [
        { nativeId: 'ana', spokenAt: at(32), durationMs: 2_000, text: 'Said in the first.' },
        { nativeId: 'ana', spokenAt: at(33.5), durationMs: 2_000, text: 'Said in the second.' },
      ],
      isSpeechMissing: false,
      media: async function* () {
        yield content.subarray(0, 1_000)
        yield content.subarray(1_000)
      },
    })
    const [meetingId] = meetingIds
    await db.updateTable('recording').set({ state: 'complete' }).execute()
    await inTransaction(db, (trx) => finishTranscript(trx, meetingId, { hasAudio: true, isWhole: true }, clock.now()))
    const ask = async (name: string, file = '') =>
      web.ask(`${transcriptPath(meetingId)}${file}`, { session: sessions.get(name) as string })
    return { meetingId, ask }
  }

  test('is cut there, as its words are', async () => {
    const { meetingId, ask } = await hold(silentMp3(LEFT * MINUTE))
    const page = await ask('ben')
    expect(page.body).toContain('Said in the first.')
    expect(page.body).not.toContain('Said in the second.')
    expect(page.body).toContain('33 min recorded')
    const sound = await ask('ben', 'audio')
    expect(sound.status).toBe(200)
    const whole = silentMp3(HANDED_ON * MINUTE).length
    expect(Number(sound.headers['content-length'])).toBeGreaterThan(whole - 1_000)
    expect(Number(sound.headers['content-length'])).toBeLessThanOrEqual(whole)
    const { alsoOf } = await web.db
      .selectFrom('recording')
      .selectAll()
      .where('meetingId', '=', meetingId)
      .executeTakeFirstOrThrow()
    expect(alsoOf).toEqual([])
  })

  test('goes, where it cannot be cut, to those alone who may hear both, and the page of the others says why', async () => {
    const video = Buffer.concat([Buffer.from('\0\0\0\x20ftypisom', 'latin1'), Buffer.alloc(5_000, 7)])
    const { ask } = await hold(video)
    for (const name of ['ana', 'admin']) {
      expect((await ask(name)).body).toMatch(/<a [^>]*audio/)
      expect((await ask(name, 'audio')).status).toBe(200)
    }
    const page = (await ask('ben')).body
    expect(page).toContain('Said in the first.')
    expect(page).not.toMatch(/<a [^>]*audio/)
    expect(page).toContain('it is for those who may hear both')
    expect((await ask('ben', 'audio')).status).toBe(404)
    expect((await ask('cleo', 'audio')).status).toBe(404)
  })

  test('is as it came where no other bot came into the room', async () => {
    const video = Buffer.concat([Buffer.from('\0\0\0\x20ftypisom', 'latin1'), Buffer.alloc(5_000, 7)])
    const { ask } = await hold(video, { isAlone: true })
    expect((await ask('ben')).body).not.toContain('it is for those who may hear both')
    expect(Number((await ask('ben', 'audio')).headers['content-length'])).toBe(video.length)
  })
})
