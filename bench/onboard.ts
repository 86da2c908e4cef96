import { startWorker } from '../src/app.ts'
import { sendDueSyncs } from '../src/pipeline.ts'
import { atMost, type Bench, type BenchContext, type Figure, reported } from './figure.ts'
import { type BenchGoogle, openBenchGoogle } from './google/open-google.ts'
import { whileItMoves } from './patience.ts'

const COMPRESSED = 10
const SINGLES = 30
const SERIES = 5
const FIRST = 500

export const onboardBench: Bench = {
  name: 'onboard',
  about: '10,000 people with 50 events each, from the directory to the plan, through the queue: calls, time and memory',
  async run(context) {
    const people = context.full ? 20_000 : 10_000
    context.note(`Google's quota clock runs ${COMPRESSED} times faster than in life.`)
    await using google = await openBenchGoogle({
      ...{ people, singles: SINGLES, series: SERIES, runsJobs: true, isWholeDomain: true },
      callRates: {
        project: { capacity: 1_500, perSecond: (COMPRESSED * 8_000) / 60 },
        user: { capacity: 100, perSecond: (COMPRESSED * 480) / 60 },
      },
    })
    return await onboard(google, people, context)
  },
}

async function onboard(google: BenchGoogle, people: number, context: BenchContext): Promise<Figure[]> {
  const { app } = google
  const began = performance.now()
  const memory = { first: 0, peak: 0 }
  await using work = await startWorker(app)
  let [read, said, looks] = [0, 0, 0]
  await whileItMoves(async () => {
    // As the poll does each minute of the uncompressed clock.
    if (looks++ % 24 === 0) await sendDueSyncs(app)
    read = await countRead(google)
    global.gc?.()
    memory.peak = Math.max(memory.peak, process.memoryUsage().rss)
    if (read >= FIRST && memory.first === 0) memory.first = memory.peak
    if (read - said >= 1_000) {
      said = read
      context.note(`${read} people planned`)
    }
    return { isOver: read >= people, told: `${read} of ${people} people are planned` }
  })
  const seconds = (performance.now() - began) / 1000
  const { calls, tokens } = await google.usage()
  const [events, meetings] = await countPlanned(google)
  await work.drain(10_000)
  return [
    reported('events', events, ''),
    reported('meetings planned', meetings, ''),
    reported('from nothing to planned', seconds, 's'),
    reported('people a second', people / seconds, '/s'),
    atMost('calls per person', calls / people, '', 2.1),
    reported('access tokens per person', tokens / people, ''),
    reported(`memory when ${FIRST} people were read`, memory.first / 1024 ** 2, 'MB'),
    reported('memory at its peak', memory.peak / 1024 ** 2, 'MB'),
    // Bounded by pages: twenty times the people must not need more than a bit more.
    atMost('peak ÷ after the first people', memory.peak / memory.first, '×', 1.5),
  ]
}

async function countRead({ app }: BenchGoogle): Promise<number> {
  const { count } = await app.db
    .selectFrom('calendar')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('lastSuccessAt', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function countPlanned({ app }: BenchGoogle): Promise<[number, number]> {
  const counts = await Promise.all(
    (['event', 'meeting'] as const).map((table) =>
      app.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow(),
    ),
  )
  return counts.map(({ count }) => Number(count)) as [number, number]
}
