import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { type KyselyPlugin, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLiveTranscripts } from '../../src/entrypoints/web/pages/transcript/live-transcripts.ts'
import {
  buildTurns,
  createTranscriptFeed,
  createTranscriptToken,
  readTranscript,
  revokeLinks,
  transcriptPath,
} from '../../src/features/transcripts/index.ts'
import { type Database, SignalListener } from '../../src/platform/db/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { type SeededTranscript, seedTranscript } from '../support/seed-transcript.ts'
import { until } from '../support/until.ts'
import { sharing, startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

interface Frame {
  event?: string
  id?: string
  data?: string
  comment?: string
}

/** One connection to a live transcript. */
interface Stream {
  /** The next frame; undefined once the server has ended the stream. */
  next(): Promise<Frame | undefined>
  /** Frames until one fits. */
  until(fits: (frame: Frame) => boolean): Promise<Frame[]>
  cut(): void
}

describe('A live transcript', () => {
  let web: TestWeb
  let seeded: SeededTranscript
  let token: string
  const streams: Stream[] = []

  beforeAll(async () => {
    web = await startTestWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())
  beforeEach(async () => {
    seeded = await seedTranscript(web, { end: 'live' })
    web.clock.advance(1)
    token = createTranscriptToken(TOKEN_SECRET, {
      meetingId: seeded.meetingId,
      email: 'ben@example.com',
      now: web.clock.now(),
    })
  })
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.cut()
  })

  const connect = async (headers: Record<string, string> = {}, query = 'after=0'): Promise<Stream> => {
    const stream = await openStream(`${web.origin}${transcriptPath(seeded.meetingId)}stream?${query}`, {
      cookie: `transcript=${token}`,
      ...headers,
    })
    streams.push(stream)
    return stream
  }

  test('tells how far it is, then every change with its number', async () => {
    const stream = await connect()
    expect(await stream.next()).toEqual({})
    expect(await stream.next()).toEqual({ event: 'phase', data: 'live' })
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Hello <all>.' })
    // What is said is written twice, as sound and as text; a frame may show what its number does not promise yet.
    const frames = await stream.until(({ id }) => id === '2')
    const { from, html } = JSON.parse(frames.find(({ data }) => data?.includes('Hello'))?.data ?? '')
    expect(from).toBe(0)
    expect(html).toContain('Hello &lt;all&gt;.')
  })

  test('shows speech that is not text yet apart, and never among the turns', async () => {
    const stream = await connect()
    const id = await seeded.say({ by: 'Ana Lima', at: 1, isPending: true })
    const pending = (await stream.until(({ event }) => event === 'turns')).at(-1)
    expect(JSON.parse(pending?.data ?? '')).toMatchObject({ html: '', pending: expect.stringContaining('Ana Lima') })
    await seeded.finish(id, { state: 'done', text: 'There it is.' })
    const done = (await stream.until(({ data }) => data?.includes('There it is.') === true)).at(-1)
    expect(JSON.parse(done?.data ?? '').pending).toBe('')
  })

  test('loses nothing when the connection breaks: what comes in between is there afterwards', async () => {
    const page = new Page()
    const first = await connect()
    for (const at of [1, 3, 60]) await seeded.say({ by: at === 3 ? 'Ben Levi' : 'Ana Lima', at, text: `At ${at}.` })
    for (const frame of await first.until(({ data }) => data?.includes('At 60.') === true)) page.take(frame)
    first.cut()
    // Some of it belongs between what is known.
    for (const at of [2, 30, 61, 120]) await seeded.say({ by: 'Ana Lima', at, text: `At ${at}.` })
    const second = await connect({ 'last-event-id': page.lastId })
    for (const frame of await second.until(({ event }) => event === 'turns')) page.take(frame)
    const transcript = await readTranscript(web.db, seeded.meetingId)
    expect(page.ids).toEqual(transcript && buildTurns(transcript).turns.map(({ id }) => id))
    expect(page.text).toMatch(/At 1\..*At 2\..*At 3\..*At 30\..*At 60\..*At 61\..*At 120\./)
    expect(page.lastId).toBe('14')
  })

  test('sends nothing twice to a reader who has everything', async () => {
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Old.' })
    const stream = await connect({}, 'after=2')
    await seeded.say({ by: 'Ben Levi', at: 100, text: 'New.' })
    const frames = await stream.until(({ data }) => data?.includes('New.') === true)
    expect(frames.filter(({ data }) => data?.includes('New.'))).toHaveLength(1)
    expect(JSON.parse(frames.at(-1)?.data ?? '').from).toBe(0)
    expect(frames.every(({ data }) => !data?.includes('Old.') || data.includes('New.'))).toBe(true)
  })

  test('gives earlier turns a better name as soon as it is known', async () => {
    await seeded.say({ by: '?', at: 1, text: 'Who am I?' })
    const stream = await connect({}, 'after=2')
    await stream.until(({ event }) => event === 'phase')
    await web.db.updateTable('participant').set({ name: 'Cleo' }).where('meetingId', '=', seeded.meetingId).execute()
    await sql`select pg_notify('transcript_changed', ${seeded.meetingId})`.execute(web.db)
    expect((await stream.until(({ event }) => event === 'turns')).at(-1)?.data).toContain('Cleo')
  })

  test('says when the meeting is over, and ends with the final version', async () => {
    const stream = await connect()
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Bye.' })
    const last = await seeded.say({ by: 'Ana Lima', at: 9, isPending: true })
    await seeded.end()
    await stream.until(({ event, data }) => event === 'phase' && data === 'preparing')
    await seeded.finish(last, { state: 'empty' })
    await seeded.end()
    await stream.until(({ event, data }) => event === 'phase' && data === 'over')
    expect(await stream.next()).toBeUndefined()
  })

  test('ends at once when the link is withdrawn', async () => {
    const stream = await connect()
    await stream.until(({ event }) => event === 'phase')
    await revokeLinks(web, { email: 'ben@example.com', by: 'admin@example.com' })
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Now that he is gone …' })
    expect(await stream.next()).toEqual({ event: 'phase', data: 'closed' })
    expect(await stream.next()).toBeUndefined()
    await expect(connect()).rejects.toThrow('410')
    await web.db.deleteFrom('linkRevocation').execute()
  })

  test('gives a sign of life, and asks again whether its reader may read', async () => {
    await using beating = await startTestWeb({ beatMs: 20 })
    const { meetingId } = await seedTranscript(beating, { end: 'live' })
    const cookie = `transcript=${createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now: beating.clock.now() })}`
    const stream = await openStream(`${beating.origin}${transcriptPath(meetingId)}stream`, { cookie })
    streams.push(stream)
    await stream.until(({ comment }) => comment === 'still here')
    // Nobody says anything, so only the next beat finds out.
    await beating.db.updateTable('event').set({ attendees: '[]' }).execute()
    let last: Frame | undefined
    do last = await stream.next()
    while (last)
    expect((await beating.ask(transcriptPath(meetingId), { headers: { cookie } })).status).toBe(404)
  })

  test('leaves no line in the log when its reader leaves, in whatever moment', async () => {
    const left = Promise.withResolvers<'quiet'>()
    const watch = { next: () => left.promise, [Symbol.dispose]: () => left.resolve('quiet') }
    const transcripts = {
      ...{ links: { signing: TOKEN_SECRET, opening: [], weak: undefined }, sharing, beatMs: 20_000 },
      feed: { watch: () => watch },
    }
    await using leaving = await startTestWeb({ transcripts })
    const { meetingId } = await seedTranscript(leaving, { end: 'live' })
    const cookie = `transcript=${createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now: leaving.clock.now() })}`
    const stream = await openStream(`${leaving.origin}${transcriptPath(meetingId)}stream`, { cookie })
    await stream.until(({ event }) => event === 'phase')
    stream.cut()
    await left.promise
    await leaving.ask('/health')
    expect(leaving.logs.entries()).toEqual([])
  })

  test('hears of what happens while the connection for signals is broken', async () => {
    const stream = await connect()
    await stream.until(({ event }) => event === 'phase')
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rapporteur listener' and datname = current_database()`.execute(
      web.db,
    )
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Anybody there?' })
    expect((await stream.until(({ data }) => data?.includes('Anybody') === true)).length).toBeGreaterThan(0)
  })

  test('is open six times for one reader, who gets another when one of them ends; others are not concerned', async () => {
    const six = await Promise.all(Array.from({ length: 6 }, () => connect()))
    await expect(connect()).rejects.toThrow('429')
    const ana = createTranscriptToken(TOKEN_SECRET, {
      meetingId: seeded.meetingId,
      email: 'ana@example.com',
      now: web.clock.now(),
    })
    await connect({ cookie: `transcript=${ana}` })
    six[0]?.cut()
    await until(
      () => connect().catch(() => undefined),
      (stream) => stream !== undefined,
    )
    await expect(connect()).rejects.toThrow('429')
  })

  test('is refused to whoever asks for far more of them before anything is asked of the database', async () => {
    const counted = countReadings(web.db, 'link_revocation')
    await using asked = await startTestWeb({ db: counted.db })
    const url = `${asked.origin}${transcriptPath(seeded.meetingId)}stream`
    // Each by a link of its own.
    const opening = Array.from({ length: 100 }, (_, n) => {
      const now = new Date(web.clock.now().getTime() - n)
      const { meetingId } = seeded
      const link = createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now })
      return openStream(url, { cookie: `transcript=${link}` })
    })
    const opened = await Promise.allSettled(opening)
    for (const one of opened) if (one.status === 'fulfilled') streams.push(one.value)
    expect(Object.groupBy(opened, ({ status }) => status)).toMatchObject({
      fulfilled: { length: 6 },
      rejected: { length: 94 },
    })
    // Of the six when they come, and again when there is news.
    expect(counted.readings()).toBeGreaterThanOrEqual(6)
    expect(counted.readings()).toBeLessThan(50)
  })

  test('is read once for all who follow it, at each change', async () => {
    const counted = countReadings(web.db)
    const signals = new SignalListener({ url: web.databaseUrl })
    await using _ = signals
    using feed = createTranscriptFeed(signals)
    const links = { signing: TOKEN_SECRET, opening: [], weak: undefined }
    const transcripts = { links, sharing, feed, beatMs: 60_000 }
    const live = createLiveTranscripts({ db: counted.db, clock: web.clock, transcripts })
    const seats = Array.from({ length: 50 }, (_, n) => live.knock(`${n}`).join(seeded.meetingId, `reader ${n}`))
    const nextOfAll = () => Promise.all(seats.map((seat) => seat.next()))
    await nextOfAll()
    await seeded.say({ by: 'Ana Lima', at: 1, text: 'Hello.' })
    const all = { heard: undefined }
    const frames = new Set<Uint8Array>()
    for (const seat of seats) {
      let next = await seat.next()
      while (next && !next.view.shownTo(all).hasAfter(1)) next = await seat.next()
      if (next) frames.add(next.view.shownTo(all).turnsAfter(1))
    }
    // The first, at most one as the listening begins, and one for each of the two writes.
    expect(counted.readings()).toBeLessThanOrEqual(4)
    // Those who heard of the first write and of the second at once, and those who heard of each.
    expect(frames.size).toBeLessThanOrEqual(2)
    for (const seat of seats) seat[Symbol.dispose]()
  })

  test('costs one connection for signals, however many read', async () => {
    const readers = await Promise.all([connect(), connect(), connect()])
    for (const reader of readers) await reader.until(({ event }) => event === 'phase')
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_stat_activity
      where application_name = 'rapporteur listener' and datname = current_database()`.execute(web.db)
    expect(rows[0]?.count).toBe(1)
  })
})

test('Signals are heard by name, and a broken connection is said and mended', async () => {
  await using database = await createTestDatabase()
  const lost: Error[] = []
  await using listener = new SignalListener({ url: database.url, onLost: (error) => lost.push(error) })
  const heard = createInbox()
  const stop = listener.subscribe('one', heard.put)
  expect(await heard.take()).toBe('one: undefined')
  listener.subscribe('two', (payload) => heard.put(`two ${payload}`))
  expect(await heard.take()).toBe('one: two undefined')
  await sql`select pg_notify('one', 'hello'), pg_notify('two', 'you')`.execute(database.db)
  expect([await heard.take(), await heard.take()].sort()).toEqual(['one: hello', 'one: two you'])
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rapporteur listener' and datname = current_database()`.execute(
    database.db,
  )
  expect([await heard.take(), await heard.take()].sort()).toEqual(['one: two undefined', 'one: undefined'])
  expect(lost).toHaveLength(1)
  stop()
  await sql`select pg_notify('one', 'again'), pg_notify('two', 'again')`.execute(database.db)
  expect(await heard.take()).toBe('one: two again')
})

/** The database, and how often the utterances of a meeting were read through it. */
function countReadings(db: Database, table = 'utterance'): { db: Database; readings(): number } {
  let readings = 0
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (node.kind === 'SelectQueryNode' && JSON.stringify(node.from).includes(`"${table}"`)) readings += 1
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return { db: db.withPlugin(plugin), readings: () => readings }
}

function createInbox() {
  const items: string[] = []
  let wake: (() => void) | undefined
  return {
    put(payload: string | undefined) {
      items.push(`one: ${payload}`)
      wake?.()
    },
    async take(): Promise<string> {
      while (items.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return items.shift() as string
    },
  }
}

/** What a page does with the frames it gets. */
class Page {
  ids: string[] = []
  lastId = '0'
  #items: string[] = []

  get text(): string {
    return this.#items.join('')
  }

  take({ event, data, id }: Frame): void {
    if (event !== 'turns') return
    const { from, html } = JSON.parse(data ?? '') as { from: number; html: string }
    this.#items = [...this.#items.slice(0, from), ...(html.match(/<li.*?<\/li>/gs) ?? [])]
    this.ids = this.#items.map((item) => /id="([^"]+)"/.exec(item)?.[1] ?? '')
    this.lastId = id ?? this.lastId
  }
}

async function openStream(url: string, headers: Record<string, string>): Promise<Stream> {
  const asking: ClientRequest = request(url, { headers, agent: false }).end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) {
    asking.destroy()
    throw new Error(`It answers ${response.statusCode}`)
  }
  const frames = readFrames(response)
  asking.on('error', () => {})
  const next = async () => (await frames.next()).value ?? undefined
  return {
    next,
    async until(fits) {
      const seen: Frame[] = []
      for (;;) {
        const frame = await next()
        if (!frame) throw new Error('The stream ended')
        seen.push(frame)
        if (fits(frame)) return seen
      }
    },
    cut: () => asking.destroy(),
  }
}

async function* readFrames(response: IncomingMessage): AsyncGenerator<Frame, undefined> {
  let text = ''
  for await (const chunk of response) {
    text += String(chunk)
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const frame: Frame = {}
      for (const line of part.split('\n')) {
        const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/.exec(line) ?? []
        if (name === '') frame.comment = value
        else if (name === 'event' || name === 'id' || name === 'data') frame[name] = value
      }
      yield frame
    }
  }
  return undefined
}
