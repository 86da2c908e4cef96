import { type ClientRequest, get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { newBotId, newId } from '../src/base/ids.ts'
import {
  beginTranscript,
  createTranscriptToken,
  putWrittenUtterances,
  transcriptPath,
} from '../src/features/transcripts/index.ts'
import { inTransaction } from '../src/platform/db/index.ts'
import { atMost, type Bench, type Figure, median, quantile, reported, timed } from './figure.ts'
import { hostileFeeds } from './flood/hostile-feeds.ts'
import { type FloodWorld, LIVE_TITLE, openFloodWorld, titleOf } from './flood/open-world.ts'

const STREAMS_OF_ONE_LINK = 800
const READERS = 198
const SAID_BEFORE = 500
const QUIET_SECONDS = 15
const FLOOD_SECONDS = 45
const PAGES_A_SECOND = 10
const MOVES_A_SECOND = 4
const WORDS_A_SECOND = 2
const PATIENCE_MS = 30_000
/** Whatever is beside it, a page may take as long as this. */
const ENOUGH_MS = 100

export const floodBench: Bench = {
  name: 'flood',
  about:
    'Hostile feeds and 1,000 live streams beside a healthy organisation, in one process: its pages and its planning',
  async run({ full, note }) {
    await using world = await openFloodWorld(note)
    const meeting = await beginMeeting(world)
    note(`  ${QUIET_SECONDS} s without a flood`)
    const quiet = await measure(world, meeting, QUIET_SECONDS)
    const seconds = full ? FLOOD_SECONDS * 4 : FLOOD_SECONDS
    note(`  ${seconds} s with one`)
    const ends = new AbortController()
    // What is handed over is made before: whoever measures has something else to do.
    const hostile = await connectHostileFeeds(world)
    const feeds = flood(hostile, ends.signal)
    const streams = openStreams(world, meeting.id)
    const flooded = await measure(world, meeting, seconds)
    ends.abort()
    const read = await feeds
    const open = streams.close()
    return [
      reported('yardstick: one-row update, median', median(quiet.commitsMs), 'ms'),
      ...compare('pages', quiet.pagesMs, flooded.pagesMs),
      ...compare('live transcript', quiet.transcriptsMs, flooded.transcriptsMs),
      ...compare('planning', quiet.planningMs, flooded.planningMs),
      atMost('moves that were not planned within 30 s', quiet.missing + flooded.missing, '', 0),
      reported('hostile feeds handed over', read, ''),
      reported(`streams open of ${STREAMS_OF_ONE_LINK} of one link`, open.ofOneLink, ''),
      atMost(`streams missing of ${READERS} readers`, READERS - open.ofReaders, '', 0),
      reported('frames that readers got', open.frames, ''),
    ]
  },
}

function compare(what: string, quiet: readonly number[], flooded: readonly number[]): Figure[] {
  const before = quantile(quiet, 0.99)
  return [
    reported(`${what}: p50 quiet`, median(quiet), 'ms'),
    reported(`${what}: p99 quiet`, before, 'ms'),
    reported(`${what}: p50 beside the flood`, median(flooded), 'ms'),
    atMost(`${what}: p99 beside the flood`, quantile(flooded, 0.99), 'ms', Math.max(3 * before, ENOUGH_MS)),
  ]
}

interface Measured {
  pagesMs: number[]
  transcriptsMs: number[]
  planningMs: number[]
  commitsMs: number[]
  missing: number
}

interface LiveMeeting {
  id: string
  /** Says one sentence more. */
  say(): Promise<void>
}

let round = 0

/** Asks for pages, moves meetings and says words, at their rates, for so long. */
async function measure(world: FloodWorld, meeting: LiveMeeting, seconds: number): Promise<Measured> {
  const measured: Measured = { pagesMs: [], transcriptsMs: [], planningMs: [], commitsMs: [], missing: 0 }
  const cookie = `session=${world.session}`
  const transcript = `${transcriptPath(meeting.id)}?token=${linkOf(world, meeting.id, world.people[0] ?? '')}`
  await Promise.all([
    atRate(PAGES_A_SECOND, seconds, async (n) => {
      const path = ['/dashboard/', '/dashboard/calendars/', '/dashboard/problems/'][n % 3] ?? ''
      measured.pagesMs.push((await timed(() => ask(world.origin + path, { cookie }))).ms)
    }),
    atRate(PAGES_A_SECOND / 5, seconds, async () => {
      measured.transcriptsMs.push((await timed(() => ask(world.origin + transcript, {}))).ms)
    }),
    atRate(MOVES_A_SECOND, seconds, async (n) => {
      if (n % world.people.length === 0) round += 1
      const planned = await moveAndWait(world, world.people[n % world.people.length] ?? '', round * 5)
      if (planned === undefined) measured.missing += 1
      else measured.planningMs.push(planned)
    }),
    atRate(WORDS_A_SECOND, seconds, () => meeting.say()),
    atRate(2, seconds, async () => {
      const commit = () =>
        sql`update calendar set name = name where owner_email = ${world.people[1]}`.execute(world.app.db)
      measured.commitsMs.push((await timed(commit)).ms)
    }),
  ])
  return measured
}

/** Begins work at a rate, whether or not what was begun before has ended, and waits for all of it. */
async function atRate(perSecond: number, seconds: number, work: (n: number) => Promise<void>): Promise<void> {
  const begunAt = performance.now()
  const running: Promise<void>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    await pause(Math.max(0, begunAt + (n * 1_000) / perSecond - performance.now()))
    running.push(work(n))
  }
  await Promise.all(running)
}

/** How long it takes until the plan knows that a meeting has moved; undefined where it never learns. */
async function moveAndWait(world: FloodWorld, owner: string, minutes: number): Promise<number | undefined> {
  const before = await startOf(world, owner)
  const begunAt = performance.now()
  await world.move(owner, minutes)
  while (performance.now() - begunAt < PATIENCE_MS) {
    if ((await startOf(world, owner)) !== before) return performance.now() - begunAt
    await pause(10)
  }
  return undefined
}

async function startOf({ app }: FloodWorld, owner: string): Promise<number | undefined> {
  const row = await app.db
    .selectFrom('meeting')
    .select('startsAt')
    .where('title', '=', titleOf(owner))
    .executeTakeFirst()
  return row?.startsAt.getTime()
}

async function ask(url: string, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(url, { headers })
  await answer.text()
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`)
}

type Change = () => Promise<void>

/** Connects every hostile feed; answers for each how to make it say something else. */
async function connectHostileFeeds(world: FloodWorld): Promise<Change[]> {
  const changes: Change[] = []
  for (const [n, make] of Object.values(hostileFeeds).entries()) {
    const texts = [make(0), make(1)]
    const change = await world.connect(`flood${n}@example.com`, texts[0] ?? '')
    let turn = 0
    changes.push(() => change(texts[++turn % texts.length] ?? ''))
  }
  return changes
}

/** Each hostile feed says something else again and again, as often as it could be read. Answers how often that was. */
async function flood(changes: readonly Change[], signal: AbortSignal): Promise<number> {
  let handedOver = 0
  await Promise.all(
    changes.map(async (change) => {
      while (!signal.aborted) {
        await change()
        handedOver += 1
        await pause(3_000, undefined, { signal }).catch(() => {})
      }
    }),
  )
  return handedOver
}

/** A meeting of everybody of which much has been said, and what says more of it. */
async function beginMeeting({ app }: FloodWorld): Promise<LiveMeeting> {
  const { id: meetingId, roomKey } = await app.db
    .selectFrom('meeting')
    .select(['id', 'roomKey'])
    .where('title', '=', LIVE_TITLE)
    .executeTakeFirstOrThrow()
  const now = new Date()
  const botId = newBotId()
  const participantId = newId()
  const times = { joinAt: now, attendsAt: now }
  const bot = { meetingId, roomKey, runner: 'browser', state: 'joined_recording', ...times, jobId: null } as const
  const person = { meetingId, botId, nativeId: 'ana', name: 'Ana Lima', joinedAt: now, leftAt: null }
  await app.db
    .insertInto('bot')
    .values({ ...bot, id: botId })
    .execute()
  await app.db
    .insertInto('participant')
    .values({ ...person, id: participantId })
    .execute()
  await inTransaction(app.db, (trx) => beginTranscript(trx, meetingId, now))
  let said = 0
  const say = async () => {
    const text = `Sentence ${++said}, which is about as long as what people say before they draw breath.`
    const utterance = { id: newId(), participantId, startedMs: said * 6_000, durationMs: 5_000, text }
    await inTransaction(app.db, (trx) => putWrittenUtterances(trx, meetingId, [utterance], new Date()))
  }
  for (let n = 0; n < SAID_BEFORE; n++) await say()
  return { id: meetingId, say }
}

function linkOf({ tokenSecret }: FloodWorld, meetingId: string, email: string): string {
  return createTranscriptToken(tokenSecret, { meetingId, email, now: new Date() })
}

/** Opens far more streams than a link has, and one for each of many readers. */
function openStreams(world: FloodWorld, meetingId: string) {
  const asking: ClientRequest[] = []
  const open = { ofOneLink: 0, ofReaders: 0, frames: 0 }
  let isClosing = false
  const address = `${world.origin}${transcriptPath(meetingId)}stream?after=0`
  const start = (email: string, opened: () => void, isReader: boolean) => {
    const url = `${address}&token=${linkOf(world, meetingId, email)}`
    const request = get(url, { agent: false }, (answer) => {
      if (answer.statusCode === 200) opened()
      answer.on('data', () => {
        if (isReader) open.frames += 1
      })
      answer.on('close', () => {
        if (!isClosing && isReader && answer.statusCode === 200) open.ofReaders -= 1
      })
      answer.on('error', () => {})
    })
    request.on('error', () => {})
    asking.push(request)
  }
  for (let n = 0; n < STREAMS_OF_ONE_LINK; n++) start(world.people[1] ?? '', () => open.ofOneLink++, false)
  // The one that is flooded has no place left.
  const readers = world.people.slice(2, 2 + READERS)
  for (const email of readers) start(email, () => open.ofReaders++, true)
  return {
    close() {
      isClosing = true
      for (const request of asking) request.destroy()
      return { ...open }
    },
  }
}
