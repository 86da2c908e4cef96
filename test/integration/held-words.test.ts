import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createRulesInForce, sayWasHeld } from '../../src/features/meetings/index.ts'
import { listAudit } from '../../src/features/people/index.ts'
import { openRecording } from '../../src/features/recordings/index.ts'
import { moveWords, readHeard, transcriptPath } from '../../src/features/transcripts/index.ts'
import { createDiskBlobs } from '../../src/platform/blobs/index.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb } from '../support/web.ts'

async function* bytesOf(text: string) {
  yield Buffer.from(text)
}

test('row 31: what was recorded for another meeting becomes that of the one which was held, for its people alone', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-held-'))
  await using _dir = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
  const blobs = createDiskBlobs(dir)
  await using web = await startTestWeb({ audio: { open: (id) => openRecording({ db: web.db, blobs }, id) } })
  const { db, clock } = web
  // Ana's was known first, so it had the room; those who came were Dora's people.
  const lines = [{ by: 'Dora Held', at: 1, text: 'This is for us alone.' }]
  const { meetingId: other } = await seedTranscript(web, { lines, durationSeconds: 120 })
  const { meetingUrl } = await db
    .selectFrom('meeting')
    .select('meetingUrl')
    .where('id', '=', other)
    .executeTakeFirstOrThrow()
  const fileKey = `recordings/${other}/file.mp4`
  await blobs.put(fileKey, bytesOf('sound'))
  await db
    .updateTable('recording')
    .set({ fileKey, endedAt: new Date('2026-11-23T07:02:00Z') })
    .execute()
  clock.advance(1_000)
  const calendar = { id: await seedCalendar(db, clock, 'dora@example.com'), owner: 'dora@example.com' }
  const person = (name: string) =>
    ({ email: `${name}@example.com`, name: null, response: 'accepted', kind: 'person' }) as const
  const event = { uid: 'held', title: 'Held', at: '2026-11-23T07:00:00Z', location: meetingUrl }
  await seedEvents(
    { ...web, joinable: ['google_meet'] },
    [calendar],
    [{ ...event, organizerEmail: 'dora@example.com', attendees: [person('dora'), person('eli')] }],
  )
  const { id } = await db.selectFrom('meeting').select('id').where('uid', '=', 'held').executeTakeFirstOrThrow()
  const sessions = new Map<string, string>()
  for (const name of ['ana', 'ben', 'dora', 'eli'])
    sessions.set(name, await web.signIn({ email: `${name}@example.com`, isAdmin: false }))
  const ask = (name: string, meetingId: string, file = '') =>
    web.ask(`${transcriptPath(meetingId)}${file}`, { session: sessions.get(name) as string })
  const reads = async (name: string) => {
    const answers = [await ask(name, other), await ask(name, id)]
    const sounds = [await ask(name, other, 'audio'), await ask(name, id, 'audio')]
    return {
      words: answers.some(({ body }) => body.includes('This is for us alone.')),
      sound: sounds.some(({ status }) => status === 200),
    }
  }
  expect(await reads('ana')).toEqual({ words: true, sound: true })
  expect(await reads('eli')).toEqual({ words: false, sound: false })

  const left: string[] = []
  const deps = {
    ...{ db, clock, lateJoinMs: 120_000, alwaysAttends: true, runnerOf: () => 'browser' as const },
    rulesInForce: createRulesInForce({ orgDomains: ['example.com'] }),
    planned: async () => ({ made: 0, moved: 0, calledOff: 0 }),
    words: {
      heardOf: readHeard,
      move: async (trx: Parameters<typeof moveWords>[1], from: string, to: string) => {
        left.push((await moveWords({ blobs }, trx, { from, to })) ?? '')
      },
    },
  }
  // Twice, as a command may be given.
  for (let i = 0; i < 2; i++) await sayWasHeld(deps, { meetingId: id, by: 'admin@example.com' })
  expect(left).toEqual([fileKey])
  await blobs.delete(fileKey)
  for (const name of ['dora', 'eli']) expect(await reads(name), name).toEqual({ words: true, sound: true })
  for (const name of ['ana', 'ben']) expect(await reads(name), name).toEqual({ words: false, sound: false })
  const meetings = await db.selectFrom('meeting').select(['id', 'decision', 'reason', 'heldAt']).execute()
  expect(meetings.find((one) => one.id === other)).toMatchObject({
    ...{ decision: 'skip', reason: 'another_meeting_held', heldAt: null },
  })
  expect(meetings.find((one) => one.id === id)?.heldAt).not.toBeNull()
  const audit = await listAudit(db, { limit: 10 } as never)
  expect(JSON.stringify(audit)).toContain(other)
})
