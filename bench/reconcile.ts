import { replaceEvents, type SourceEvent } from '../src/features/calendars/index.ts'
import { readEvent } from '../src/features/meetings/index.ts'
import { inTransaction } from '../src/platform/db/index.ts'
import { atMost, type Bench, type Figure, median, quantile, reported, timed } from './figure.ts'
import { type BenchOrganisation, createBenchOrganisation } from './organisation.ts'
import {
  calendarIdOf,
  dailyMeeting,
  emailOf,
  fillOrganisation,
  type MeetingAt,
  type Shape,
  TEAM_SIZE,
  teamMeeting,
  teamMeetings,
  titleOf,
} from './reconcile-rows.ts'
import { putRulesInForce } from './rules.ts'

const CHANGES = 3_000
/** Until the server has kept its plans and the machine code is made: a worker runs for weeks. */
const WARM_UP = 1_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

export const reconcileBench: Bench = {
  name: 'reconcile',
  about: 'one change among 1,000,000 stored events, also in the room of a daily meeting of 10,000, with rules in force',
  async run(context) {
    await using organisation = await createBenchOrganisation({ runnerOf: () => 'browser' })
    const from = Math.ceil((Date.now() + 3_600_000) / DAY_MS) * DAY_MS
    const shape: Shape = { people: context.full ? 30_000 : 10_000, eventsEach: 100, from }
    await putRulesInForce(organisation.app)
    await seedPattern(organisation, shape)
    const { ms: loadMs } = await timed(() => fillOrganisation(organisation.app.db, shape, context.note))
    context.note(`loaded in ${Math.round(loadMs / 1_000)} s`)
    const commits = await measure(() => commitOneRow(organisation))
    const moves = await measure((n) => moveTeamMeeting(organisation, shape, n))
    const answers = await measure((n) => answerTeamMeeting(organisation, shape, n))
    const daily = await measure((n) => answerDailyMeeting(organisation, shape, n))
    return [
      reported('events stored', shape.people * shape.eventsEach, ''),
      reported('yardstick: one-row transaction, median', median(commits), 'ms'),
      reported('yardstick: one-row transaction, p99', quantile(commits, 0.99), 'ms'),
      ...figuresOf('a meeting moves, with its bot and job', moves, commits),
      ...figuresOf('one of five answers', answers, commits),
      ...figuresOf(`one of ${shape.people.toLocaleString('en-US')} answers the daily meeting`, daily, commits),
    ]
  },
}

function figuresOf(what: string, sample: readonly number[], commits: readonly number[]): Figure[] {
  return [
    reported(`${what}: median`, median(sample), 'ms'),
    atMost(`${what}: p99`, quantile(sample, 0.99), 'ms', 10),
    reported(`${what}: median in yardsticks`, median(sample) / median(commits), '×'),
  ]
}

/** One meeting that is planned the usual way, so that there is a job to copy. */
async function seedPattern(organisation: BenchOrganisation, shape: Shape): Promise<void> {
  const { db } = organisation.app
  await db
    .insertInto('calendar')
    .values({
      id: calendarIdOf(shape.people),
      provider: 'ics',
      ownerEmail: emailOf(shape.people),
      deduplicationKey: 'pattern',
      addressLabel: 'bench',
      state: 'connected',
    } as never)
    .execute()
  await write(organisation, shape.people, teamMeeting(shape, shape.people, 0), {})
}

async function commitOneRow({ app }: BenchOrganisation): Promise<void> {
  await inTransaction(app.db, (trx) =>
    trx
      .insertInto('setting')
      .values({ key: 'bench', value: '1' })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: '2' }))
      .execute(),
  )
}

/** The organiser moves a meeting by a minute: it, its bot and its job move along. */
function moveTeamMeeting(organisation: BenchOrganisation, shape: Shape, n: number): Promise<void> {
  const { team, meeting } = someTeamMeeting(shape, n)
  const startsAt = new Date(meeting.startsAt.getTime() + MINUTE_MS)
  return write(organisation, team * TEAM_SIZE, { ...meeting, startsAt }, {})
}

function answerTeamMeeting(organisation: BenchOrganisation, shape: Shape, n: number): Promise<void> {
  const { team, meeting } = someTeamMeeting(shape, n + WARM_UP + CHANGES)
  return write(organisation, team * TEAM_SIZE + 1, meeting, { ownResponse: 'declined' })
}

function answerDailyMeeting(organisation: BenchOrganisation, shape: Shape, n: number): Promise<void> {
  const group = { email: 'all@example.com', name: null, response: 'none', kind: 'group' } as const
  const answer = { ownResponse: 'declined', attendees: [group] } as const
  return write(organisation, 1 + scattered(n, shape.people - 1), dailyMeeting(shape, n), answer)
}

function someTeamMeeting(shape: Shape, n: number): { team: number; meeting: MeetingAt } {
  const teams = shape.people / TEAM_SIZE
  const index = scattered(n, teams * teamMeetings(shape))
  const team = index % teams
  return { team, meeting: teamMeeting(shape, team, Math.floor(index / teams)) }
}

/** Far apart, so that no two changes meet in one meeting. */
function scattered(n: number, count: number): number {
  return (n * 7_919) % count
}

/** One event of one person is written and planned, as the sync does it. */
async function write(
  { app }: BenchOrganisation,
  person: number,
  { uid, room, startsAt, organizer }: MeetingAt,
  changes: Partial<SourceEvent>,
): Promise<void> {
  const team = Math.floor(person / TEAM_SIZE) * TEAM_SIZE
  const source: SourceEvent = {
    uid,
    occurrenceKey: '',
    startsAt,
    endsAt: new Date(startsAt.getTime() + 30 * MINUTE_MS),
    isAllDay: false,
    timeZone: 'UTC',
    title: titleOf,
    organizerEmail: organizer,
    organizerName: null,
    attendees: Array.from({ length: TEAM_SIZE }, (_, i) => ({
      email: emailOf(team + i),
      name: null,
      response: 'accepted',
      kind: 'person',
    })),
    ownResponse: 'accepted',
    isCancelled: false,
    visibility: 'default',
    kind: 'default',
    linkTexts: { conferenceUrls: [`https://meet.jit.si/${room}`], location: '', description: '', title: titleOf },
    ...changes,
  }
  const draft = { source, reading: readEvent(source, { jitsiHosts: ['meet.jit.si'] }) }
  const owner = { calendarId: calendarIdOf(person), ownerEmail: emailOf(person), disconnectedAt: null }
  await inTransaction(app.db, async (trx) => {
    const written = await replaceEvents(trx, owner, [uid], [draft], new Date())
    if (written.length !== 1) throw new Error(`Expected one changed event, not ${written.length}`)
    await app.sync.reconcile(trx, written)
  })
}

async function measure(work: (n: number) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < WARM_UP + CHANGES; n++) {
    const { ms } = await timed(() => work(n))
    if (n >= WARM_UP) times.push(ms)
  }
  return times
}
