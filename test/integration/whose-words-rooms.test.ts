import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import { askForBot, refuseBot } from '../../src/features/meetings/index.ts'
import { createKnownPeople } from '../../src/features/people/index.ts'
import { createTranscriptToken, transcriptPath } from '../../src/features/transcripts/index.ts'
import type { Database } from '../../src/platform/db/index.ts'
import { findBrokenAlways } from '../model/invariants.ts'
import { tellStory } from '../model/tell-story.ts'
import { createTwins, type Twins, urlOf, type Whereabouts } from '../model/twins.ts'
import { Adversary, insiders } from '../support/adversary.ts'
import { HonestPeople } from '../support/honest-people.ts'
import { NOW } from '../support/plan-world.ts'
import { createRandom } from '../support/random.ts'
import { seedOfRun } from '../support/seed-of-run.ts'
import { readAddresses, readTold, type Told } from '../support/told-meetings.ts'
import { startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

/**
 * Two worlds with honest people who invite, come, speak and go, and a worker that attends. In one of them colleagues write over them at random whom
 * nobody invites. At every step they read no word, hear no stream and see no title or name of what is not theirs; honest people's meetings are
 * planned and may be read as in the other world, and the same words are heard in each.
 *
 * TEST_SEED=7 TEST_STEPS=3000 npx vitest run test/integration/whose-words-rooms.test.ts
 */
const seed = seedOfRun(97_594)
const steps = Number(process.env.TEST_STEPS ?? 40)
const HORIZON_MINUTES = 60
/** What is further away than this is looked at seldom. */
const NEAR_MS = 30 * MINUTE_MS
/** Whatever is of honest people, as it stands on a page: a title, a name of somebody in the room, a word. */
const THEIRS = /Of \w+@|Here is \w+|word-\w+/
console.log(`whose words, in rooms: TEST_SEED=${seed} TEST_STEPS=${steps}`)

test(
  'whatever colleagues write who are not invited, they read and hear nothing of others, whose words are heard as without them',
  async () => {
    await using twins = await createTwins()
    const { attacked, quiet } = twins
    const { clock } = attacked.world.time
    await using web = await startTestWeb({ db: attacked.world.db, clock })
    const random = createRandom(seed)
    const honest = new HonestPeople(createRandom(seed + 1), HORIZON_MINUTES)
    const known = createKnownPeople()
    const same = new SameMeetings()
    const { worker } = attacked
    const deps = { ...worker.pipeline.reconcile, db: worker.database.db }
    const adversary = new Adversary(createRandom(seed + 2), honest, {
      put: (entry) => twins.put(attacked, entry),
      async refuseOwn(who) {
        for (const { id } of (await readTold(attacked.world.db)).values())
          if (!same.has(id) && (await readAddresses(attacked.world.db, id, known)).includes(who))
            await refuseBot(deps, { meetingId: id, by: who, from: null } as never)
      },
      async sendBot(who, room) {
        const asked = { room: { platform: 'sandbox', roomId: urlOf(room), url: urlOf(room) }, by: who, colleague: who }
        await askForBot(deps, { ...asked, from: null } as never).catch(() => {})
      },
    })
    const minuteNow = () => (twins.nowMs() - NOW.getTime()) / MINUTE_MS
    const whereabouts = (minute: number) => findWhereabouts(honest, minute)
    const story: string[] = []
    const tell = (line: string) => story.push(`${clock.now().toISOString().slice(8, 19)} ${line}`)

    const isSilent = async () => (await count(attacked.world.db, same)).words === 0
    try {
      // Of a few steps all may pass before anybody meets: then it goes on until something was said.
      for (let step = 0; step < steps || (step < 5 * steps && (await isSilent())); step++) {
        if (random.chance(0.4))
          for (const entry of honest.act(minuteNow())) {
            tell(`${entry.person} ${JSON.stringify(entry.copies)}`)
            await twins.put(quiet, entry)
            await twins.put(attacked, adversary.afterWriting(entry))
          }
        else tell(await adversary.attack(minuteNow(), step <= steps / 2))
        await twins.gather(whereabouts(Math.floor(minuteNow())))
        await twins.pass(random.chance(0.3) ? random.between(1, 10) * MINUTE_MS : 6 * SECOND_MS, whereabouts)
        expect(await findBrokenAlways(attacked.world.db, clock.now())).toEqual([])
        await comparePlans(twins, same, clock.now())
        await compareWords(twins, same)
        await expectNothingRead(web, same, clock.now())
      }
      await expectNothingRead(web, same, undefined)
      const counts = await count(attacked.world.db, same)
      console.log(`whose words, in rooms: ${JSON.stringify(counts)}`)
      expect(counts.words).toBeGreaterThan(0)
    } catch (error) {
      const ids = [...String(error).matchAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g)].map(([id]) => id)
      console.error(`TEST_SEED=${seed} TEST_STEPS=${steps}\n${story.slice(-60).join('\n')}`)
      console.error(`quiet:\n${await tellStory(quiet.world.db, ids.join(' '))}`)
      console.error(`attacked:\n${await tellStory(attacked.world.db, ids.join(' '))}`)
      throw error
    }
  },
  steps * 20_000 + 120_000,
)

/** Which meeting of the attacked world is which of the other: the same for as long as there is one. */
class SameMeetings {
  readonly #attackedByQuiet = new Map<string, string>()

  /** Whether a meeting of the attacked world is honest people's. */
  has(attackedId: string): boolean {
    return [...this.#attackedByQuiet.values()].includes(attackedId)
  }

  note(quietId: string, attackedId: string): void {
    expect(this.#attackedByQuiet.get(quietId) ?? attackedId, `the id of ${quietId}`).toBe(attackedId)
    this.#attackedByQuiet.set(quietId, attackedId)
  }

  pairs(): [quietId: string, attackedId: string][] {
    return [...this.#attackedByQuiet]
  }
}

/** Where honest people are: each in the first of their meetings that is on, and up to three minutes longer. */
function findWhereabouts({ meetings }: HonestPeople, minute: number): Whereabouts {
  const places = new Map<string, string>()
  for (const { uid, organizer, guests, copies, answers, isCancelled } of meetings) {
    if (isCancelled) continue
    const staysLonger = uid.length % 2 === 0 ? 3 : 0
    for (const { start, minutes = 30, room } of copies) {
      if (room === null || minute < start || minute >= start + minutes + staysLonger) continue
      for (const person of [organizer, ...guests])
        if (answers.get(person) !== 'declined' && !places.has(person)) places.set(person, room)
    }
  }
  return places
}

async function comparePlans({ attacked, quiet }: Twins, same: SameMeetings, now: Date): Promise<void> {
  const known = createKnownPeople()
  const [theirs, ours] = [await readTold(attacked.world.db), await readTold(quiet.world.db)]
  for (const [name, { id, ...twin }] of ours) {
    const found = theirs.get(name)
    const isOff = ['cancelled', 'gone', 'all_declined'].includes(twin.reason)
    if (isOff && !found) continue
    expect(found, name).toBeDefined()
    const { id: theirId, ...told } = found as Told
    expect(told, `${name} ${id} ${theirId}`).toEqual(twin)
    same.note(id, theirId)
    if (!isNear(twin, now)) continue
    const readers = await readAddresses(quiet.world.db, id, known)
    expect(await readAddresses(attacked.world.db, theirId, known), `${name} ${id} ${theirId}`).toEqual(readers)
  }
}

function isNear({ startsAt, endsAt }: Pick<Told, 'startsAt' | 'endsAt'>, now: Date): boolean {
  return startsAt.getTime() < now.getTime() + NEAR_MS && endsAt.getTime() > now.getTime() - NEAR_MS
}

/** Asks for the page and the stream of each meeting that is near, of all without an instant, as each insider with a link. */
async function expectNothingRead(web: TestWeb, same: SameMeetings, now: Date | undefined): Promise<void> {
  const meetings = await web.db.selectFrom('meeting').select(['id', 'startsAt', 'endsAt', 'copies']).execute()
  for (const { id, ...times } of meetings) {
    if (now && !isNear(times, now)) continue
    for (const email of insiders) {
      const token = createTranscriptToken(TOKEN_SECRET, { meetingId: id, email, now: web.clock.now() })
      const page = await web.ask(`${transcriptPath(id)}?token=${token}`)
      expect(page.body.match(THEIRS)?.[0], `${email} reads ${id}`).toBeUndefined()
      if (!same.has(id)) continue
      expect(page.status, `${email} opens ${id}`).toBe(404)
      expect((await web.ask(`${transcriptPath(id)}stream?token=${token}`)).status, `${email} follows ${id}`).toBe(404)
    }
  }
}

/** The words of each meeting are the same, and none were written down anywhere else. */
async function compareWords({ attacked, quiet }: Twins, same: SameMeetings): Promise<void> {
  const [theirs, ours] = [await readWords(attacked.world.db), await readWords(quiet.world.db)]
  const quietIds = new Map(same.pairs().map(([quietId, attackedId]) => [attackedId, quietId]))
  const told = [...theirs].map(([id, words]) => [quietIds.get(id) ?? `the adversary's ${id}`, words] as const)
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(ours))
}

async function readWords(db: Database): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ meetingId: string; words: string[] }>`
    select meeting_id, array_agg(distinct text order by text) as words from utterance group by 1`.execute(db)
  return new Map(rows.map(({ meetingId, words }) => [meetingId, words]))
}

/** How much there was to be read, and how much of it in a room that the adversary had meetings in at the time. */
async function count(db: Database, same: SameMeetings) {
  const honest = same.pairs().map(([, attackedId]) => attackedId)
  const { rows } = await sql<{
    words: number
    contested: number
    meetings: number
    others: number
    heldByOthers: number
  }>`
    with other as materialized (select * from meeting where id <> all(${honest}::uuid[]))
    select count(*)::int as words,
      count(*) filter (where exists (select from other o where o.room_key = m.room_key
        and r.started_at + u.started_ms * interval '1 millisecond' between o.starts_at and o.ends_at))::int as contested,
      count(distinct m.id)::int as meetings,
      (select count(*)::int from other) as others,
      (select count(*)::int from other where held_at is not null) as held_by_others
    from utterance u join meeting m on m.id = u.meeting_id join recording r on r.meeting_id = m.id`.execute(db)
  return rows[0] ?? { words: 0 }
}
