import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/features/recordings/index.ts'
import { finishTranscript, storeGathered, transcriptPath } from '../../src/features/transcripts/index.ts'
import { createDiskBlobs } from '../../src/platform/blobs/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb } from '../support/web.ts'

const MINUTE = 60_000
const startsAt = new Date('2026-11-23T07:00:00Z')
const at = (minutes: number) => new Date(startsAt.getTime() + minutes * MINUTE)
const sound = { sizeBytes: 4, contentType: 'audio/mpeg', etag: '"one"', alsoOf: [], read: async function* () {} }

test.each([
  ['the second', [0, 5], [8, 28], '0:08:00 to 0:28:00'],
  ['the first', [0, 20], [22, 28], '0:00:00 to 0:20:00'],
] as const)(
  'of two files that two attempts elsewhere recorded the longer is kept, %s, and the page says what of the meeting can be heard',
  async (_, first, second, heard) => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-two-'))
    await using _dir = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
    await using web = await startTestWeb({ audio: { open: async () => sound } })
    const { db, clock } = web
    const { meetingId } = await seedTranscript(web, { end: null })
    const blobs = createDiskBlobs(dir)
    for (const [index, [from, to]] of [first, second].entries()) {
      const id = `bot_attempt${index}attempt`
      const row = {
        id,
        meetingId,
        roomKey: `room ${index}`,
        runner: 'attendee',
        state: 'ended',
        joinAt: at(from),
        attendsAt: at(from),
        jobId: null,
      }
      await db.insertInto('bot').values(row).execute()
      const log = { warn: () => {} }
      await storeGathered(
        { db, blobs, clock, log },
        { id, meetingId },
        {
          recordedFrom: at(from),
          recordedUntil: at(to),
          hasSound: true,
          people: [{ nativeId: 'ana', name: 'Ana Lima', joinedAt: at(from), leftAt: at(to) }],
          utterances: [
            { nativeId: 'ana', spokenAt: at(from + 1), durationMs: 2_000, text: `Said in attempt ${index + 1}.` },
          ],
          isSpeechMissing: false,
          media: async function* () {
            yield Uint8Array.from([0xff, 0xfb, 0x10, 0xc4])
          },
        },
      )
    }
    await db.updateTable('recording').set({ state: 'complete' }).execute()
    await inTransaction(db, (trx) => finishTranscript(trx, meetingId, { hasAudio: true, isWhole: false }, clock.now()))

    const [longer] = [first, second].toSorted((a, b) => b[1] - b[0] - (a[1] - a[0]))
    expect(await readRecording(db, meetingId)).toMatchObject({
      fileStartedMs: (longer?.[0] ?? 0) * MINUTE,
      durationMs: (longer?.[1] ?? 0) * MINUTE,
    })
    const session = await web.signIn({ email: 'ben@example.com', isAdmin: false })
    const { body } = await web.ask(transcriptPath(meetingId), { session })
    expect(body).toContain(`There is sound from ${heard} only`)
    expect(body).toContain(`data-from="${(longer?.[0] ?? 0) * 60}"`)
    for (const said of ['Said in attempt 1.', 'Said in attempt 2.']) expect(body).toContain(said)
  },
)
