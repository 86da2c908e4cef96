import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { startCountingRooms } from '../test/support/counting-rooms.ts'
import { startWorkerProcess } from '../test/support/worker-process.ts'
import { postmasterOf, readCpuMs } from './density/process-costs.ts'
import { atMost, type Bench, type Figure, reported } from './figure.ts'
import { type BenchMeetings, createBenchMeetings } from './meetings.ts'
import { insertBots } from './reconcile-rows.ts'

const FEW = 1_000
/** What an organisation of 10,000 people has before it in two months. */
const MANY = 300_000
const FIRST_IN_DAYS = 14
const DAYS = 46
const SETTLE_MS = 20_000
const MEASURED_MS = 60_000

export const idleBench: Bench = {
  name: 'idle',
  about: 'a worker with nothing to do: does it cost more when 300,000 bots wait for their day than with 1,000?',
  async run({ note }) {
    await using meetings = await createBenchMeetings()
    await plan(meetings, FEW)
    const few = await measure(meetings)
    note(`measured beside ${FEW} bots to come`)
    await plan(meetings, MANY)
    note(`${MANY} bots wait for their day`)
    const many = await measure(meetings)
    return [
      ...figuresOf(`yardstick: ${FEW.toLocaleString('en-US')} bots to come`, few),
      ...figuresOf(`${MANY.toLocaleString('en-US')} bots to come`, many),
      atMost('the database beside many bots, to that beside few', many.database / few.database, '×', 2),
    ]
  },
}

interface Idle {
  /** In per cent of a core. */
  worker: number
  database: number
}

function figuresOf(what: string, idle: Idle): Figure[] {
  return [reported(`${what}: database`, idle.database, '% core'), reported(`${what}: worker`, idle.worker, '% core')]
}

/** Attended meetings in rooms of their own, some weeks ahead, with their bots and jobs: copies of one that was planned as usual. */
async function plan({ app, plan: planOne }: BenchMeetings, count: number): Promise<void> {
  const { db } = app
  const firstAt = new Date(Date.now() + FIRST_IN_DAYS * 86_400_000)
  const { stored } = await db
    .selectFrom('meeting')
    .select(({ fn }) => fn.countAll<string>().as('stored'))
    .executeTakeFirstOrThrow()
  if (stored === '0') await planOne(1, firstAt, { runner: 'browser' })
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'rapporteur' and table_name = 'meeting' and is_generated = 'NEVER'`.execute(db)
  const startsAt = `starts_at + (n % ${DAYS * 480}) * interval '1 minute'`
  const special: Record<string, string> = {
    id: 'gen_random_uuid()',
    uid: "uid || '-' || n",
    room_id: "room_id || '-' || n",
    room_key: "room_key || '-' || n",
    starts_at: startsAt,
    ends_at: `${startsAt} + interval '30 minutes'`,
  }
  const columns = rows.map(({ name }) => sql.ref(name))
  const values = rows.map(({ name }) => sql.raw(special[name] ?? `"${name}"`))
  await sql`
    insert into meeting (${sql.join(columns)})
    select ${sql.join(values)} from (select * from meeting order by created_at limit 1) pattern, generate_series(${Number(stored)}::int, ${count}::int - 1) n`.execute(
    db,
  )
  await insertBots(db)
  // Planned by many syncs, not in one moment.
  await sql`update rapporteur_jobs.job set created_on = created_on - random() * interval '30 days' where name = 'attend-meeting'`.execute(
    db,
  )
  await sql`vacuum analyze`.execute(db)
  await sql`checkpoint`.execute(db)
}

async function measure({ databaseUrl, app }: BenchMeetings): Promise<Idle> {
  await using rooms = await startCountingRooms()
  await using worker = await startWorkerProcess(databaseUrl, { ROOMS_PORT: String(rooms.port), SPEECH_PROCESSES: '1' })
  const server = await postmasterOf(app.db)
  await wait(SETTLE_MS)
  const before = { worker: readCpuMs(worker.pid), database: readCpuMs(server) }
  await wait(MEASURED_MS)
  const share = (after: number, earlier: number) => ((after - earlier) / MEASURED_MS) * 100
  return {
    worker: share(readCpuMs(worker.pid), before.worker),
    database: share(readCpuMs(server), before.database),
  }
}
