import { newBotId, newId } from '../../src/base/ids.ts'
import { appendUtterance, beginTranscript, finishTranscript } from '../../src/features/transcripts/index.ts'
import { finishUtterance, type UtteranceResult } from '../../src/features/transcripts/utterance-store.ts'
import { type Database, inTransaction } from '../../src/platform/db/index.ts'
import { type SeedEvent, type SeedPlanner, seedCalendar, seedEvents } from './seed.ts'

/** One thing that somebody said. Times in seconds from the start of the recording. */
export interface SeedLine {
  by: string
  at: number
  seconds?: number
  text?: string
  result?: Partial<UtteranceResult>
  /** Not text yet. */
  isPending?: boolean
}

export interface SeedTranscript extends Partial<SeedEvent> {
  lines?: readonly SeedLine[]
  /** `null`: no transcript was begun. */
  end?: 'live' | 'finished' | null
  hasAudio?: boolean
  isWhole?: boolean
  /** The recording begins this long after the meeting. */
  lateSeconds?: number
  /** When each part began and ended, in seconds. */
  parts?: readonly [number, number | null][]
  durationSeconds?: number
}

export interface SeededTranscript {
  meetingId: string
  botId: string
  /** Says something more, as a bot and its speech provider do; answers the utterance's id. */
  say(line: SeedLine): Promise<string>
  finish(id: string, result: UtteranceResult): Promise<void>
  end(): Promise<void>
}

/** Who is invited: Ana, whose meeting it is, Ben and Cleo, Eve from elsewhere, and a room. Only Ana's calendar is connected. */
export const invitation = {
  organizerEmail: 'ana@example.com',
  organizerName: 'Ana Lima',
  attendees: [
    { email: 'ana@example.com', name: 'Ana Lima', response: 'accepted', kind: 'person' },
    { email: 'ben@example.com', name: 'Ben Levi', response: 'accepted', kind: 'person' },
    { email: 'cleo@example.com', name: null, response: 'declined', kind: 'person' },
    { email: 'eve@partner.example', name: 'Eve Outside', response: 'accepted', kind: 'person' },
    { email: 'room-1@example.com', name: 'Room 1', response: 'accepted', kind: 'room' },
  ],
} as const

let room = 0

/** A meeting with its invitation, a bot that was there, and what it heard. */
export async function seedTranscript(planner: SeedPlanner, seed: SeedTranscript = {}): Promise<SeededTranscript> {
  const { db, clock } = planner
  const { lines = [], end = 'finished', hasAudio = true, isWhole = true, parts, lateSeconds = 0, ...event } = seed
  const { durationSeconds = 60, ...entry } = event
  const number = ++room
  const uid = `transcript-${number}@example.com`
  const calendar = { id: await seedCalendar(db, clock, 'ana@example.com'), owner: 'ana@example.com' }
  const details = { title: 'Weekly planning', at: '2026-11-23T07:00:00Z', ...invitation, ...entry, uid }
  const location = `https://meet.google.com/abc-defg-${String.fromCharCode(97 + Math.floor(number / 26), 97 + (number % 26))}a`
  await seedEvents({ ...planner, joinable: ['google_meet'] }, [calendar], [{ ...details, location }])
  const meeting = await db
    .selectFrom('meeting')
    .select(['id', 'roomKey', 'startsAt'])
    .where('uid', '=', uid)
    .executeTakeFirstOrThrow()
  const meetingId = meeting.id
  const botId = newBotId()
  const seeded = { meetingId, botId, ...speaking(planner, meetingId, botId, hasAudio, isWhole) }
  if (end === null) return seeded
  const isOver = end === 'finished'
  await db
    .insertInto('bot')
    .values({
      id: botId,
      meetingId,
      roomKey: meeting.roomKey,
      runner: 'browser',
      state: isOver ? 'ended' : 'joined_recording',
      joinAt: meeting.startsAt,
      attendsAt: meeting.startsAt,
      jobId: null,
    })
    .execute()
  const startedAt = new Date(meeting.startsAt.getTime() + lateSeconds * 1_000)
  const durationMs = isOver ? durationSeconds * 1_000 : null
  if (hasAudio) {
    await db
      .insertInto('recording')
      .values({
        meetingId,
        state: isOver ? 'complete' : 'recording',
        startedAt,
        endedAt: null,
        fileKey: isOver ? 'file' : null,
        durationMs,
        sizeBytes: null,
      })
      .execute()
    for (const [index, [from, to]] of (parts ?? [[0, isOver ? durationSeconds : null]]).entries()) {
      const part = { meetingId, startedMs: from * 1_000, endedMs: to === null ? null : to * 1_000 }
      if (index > 0)
        await db
          .insertInto('bot')
          .values({
            id: `${botId}${index}`,
            meetingId,
            roomKey: `${meeting.roomKey} ${index}`,
            runner: 'browser',
            state: 'ended',
            joinAt: meeting.startsAt,
            attendsAt: meeting.startsAt,
            jobId: null,
          })
          .execute()
      await db
        .insertInto('part')
        .values({ ...part, botId: index === 0 ? botId : `${botId}${index}` })
        .execute()
    }
  }
  await inTransaction(db, (trx) => beginTranscript(trx, meetingId, clock.now()))
  for (const line of lines) await seeded.say(line)
  if (isOver) await seeded.end()
  return seeded
}

function speaking({ db, clock }: SeedPlanner, meetingId: string, botId: string, hasAudio: boolean, isWhole: boolean) {
  const finish = async (id: string, result: UtteranceResult) => {
    await inTransaction(db, (trx) => finishUtterance(trx, id, result, clock.now()))
  }
  return {
    finish,
    async say({ by, at, seconds = 3, text = '', result = {}, isPending = false }: SeedLine) {
      const id = newId()
      const participantId = await participantOf(db, { meetingId, botId, name: by })
      const opus = Buffer.from('speech')
      const utterance = {
        id,
        meetingId,
        participantId,
        startedMs: Math.round(at * 1_000),
        durationMs: seconds * 1_000,
        opus,
      }
      await inTransaction(db, (trx) => appendUtterance(trx, utterance, clock.now()))
      if (!isPending) await finish(id, { state: 'done', text, confidence: 0.9, language: 'en', ...result })
      return id
    },
    async end() {
      await inTransaction(db, (trx) => finishTranscript(trx, meetingId, { hasAudio, isWhole }, clock.now()))
    },
  }
}

/** The participant of a name; `?` for one whose name the platform does not say. */
async function participantOf(
  db: Database,
  { meetingId, botId, name }: { meetingId: string; botId: string; name: string },
) {
  const known = await db
    .selectFrom('participant')
    .select('id')
    .where('botId', '=', botId)
    .where('nativeId', '=', name)
    .executeTakeFirst()
  if (known) return known.id
  const id = newId()
  const joinedAt = new Date('2026-11-23T07:00:00Z')
  await db
    .insertInto('participant')
    .values({ id, meetingId, botId, nativeId: name, name: name === '?' ? null : name, joinedAt, leftAt: null })
    .execute()
  return id
}

/** A conversation in which everything occurs that a page has to show. */
export const conversation: readonly SeedLine[] = [
  {
    by: 'Ana Lima',
    at: 2,
    seconds: 5,
    text: 'Good morning everyone. Let us begin with the lamps for the harbour, because the customer is waiting for our answer.',
  },
  { by: 'Ana Lima', at: 7.5, seconds: 3, text: 'How long will the new test take, and who will write the report?' },
  {
    by: 'Ben Levi',
    at: 12,
    seconds: 6,
    text: 'The glass arrived yesterday, but two boxes were broken. I have already asked the supplier to send new ones.',
  },
  { by: 'בן לוי', at: 19, seconds: 3, text: 'אני אכתוב את הדוח עד יום שישי', result: { language: 'he' } },
  { by: '?', at: 23, seconds: 3, text: 'Thursday would be better for me.' },
  {
    by: 'Ben Levi',
    at: 27,
    seconds: 4,
    text: 'Then we say fifty, or was it fifteen, by Wednesday.',
    result: { confidence: 0.2 },
  },
  { by: 'Ana Lima', at: 32, seconds: 12, result: { state: 'failed' } },
  { by: 'Zoë O’Neil-Åkesson', at: 46, seconds: 8, result: { language: 'fr' } },
  {
    by: 'Ana Lima',
    at: 260,
    seconds: 4,
    text: 'Thank you all for your time. We will meet again on Thursday afternoon.',
  },
]

/** About an hour of talk between three people. */
export function longConversation(words: number): SeedLine[] {
  const text = conversation[0]?.text ?? ''
  const perLine = text.split(' ').length
  return Array.from({ length: Math.ceil(words / perLine) }, (_, index) => ({
    by: ['Ana Lima', 'Ben Levi', 'Cleo'][Math.floor(index / 3) % 3] as string,
    at: index * 8,
    seconds: 7,
    text: text.replace('lamps', `lamps number ${index}`),
  }))
}

/** Seconds of a quiet tone as a WAV file. */
export function makeTone(seconds: number): Buffer {
  const rate = 8_000
  const samples = Buffer.alloc(seconds * rate)
  for (let i = 0; i < samples.length; i++) samples[i] = 128 + Math.round(20 * Math.sin((2 * Math.PI * 440 * i) / rate))
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}
