// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources are texts here.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { sourcesBelow } from '../../scripts/import-rules.js'
import { findTableBreaches, readOwners, tableRefusalsOf } from '../../scripts/table-rules.js'
import { columnName } from '../../src/platform/db/index.ts'
import { createTestDatabase } from '../support/database.ts'

const root = path.resolve(import.meta.dirname, '../..')
const owners = readOwners(root)
const refusalsOf = (file: string, source: string) => tableRefusalsOf(owners, `src/features/${file}`, source)

test('the code keeps to the tables of its rooms', () => {
  expect(findTableBreaches(root)).toEqual([])
})

const words = 'transcripts/words-store.ts'
test.each([
  ['insert', "await trx.insertInto('part').values(row).execute()", 'part'],
  ['insert, over several lines', "trx\n    .insertInto(\n      'part',\n    )", 'part'],
  ['update', "trx.updateTable('part as p').set(row)", 'part'],
  ['update of several', "trx.updateTable(['utterance', 'part'])", 'part'],
  ['delete', "trx.deleteFrom('audioStep').where('id', '=', id)", 'audioStep'],
  ['merge', "trx.mergeInto('part').using('utterance', 'a', 'b')", 'part'],
  ['insert in SQL', 'sql`insert into audio_step (id) values (${id})`', 'audioStep'],
  ['update in SQL', 'sql<{ id: string }>`\n  update part set ended_ms = 1`', 'part'],
  ['update of one alone in SQL', 'sql`update only rapporteur.part set ended_ms = 1`', 'part'],
  ['delete in SQL', 'sql`delete from "part" where bot_id = 1`', 'part'],
  ['merge in SQL', 'sql`merge into part p using utterance u on true when matched then delete`', 'part'],
  ['truncate in SQL', 'sql`truncate table part`', 'part'],
  ['write within a read', 'sql`with gone as (delete from part returning 1) select from gone`', 'part'],
  [
    'write within another template',
    'sql`select ${sql`(${true})`}, ${kept ? sql`x` : sql`(update part set a = 1)`}`',
    'part',
  ],
  ['write as plain text', "sql.raw('delete from part')", 'part'],
])('a write to the table of another room is refused: %s', (_what, source, table) => {
  expect(refusalsOf(words, source)).toEqual([`writes ${table}: only recordings does`])
})

const plan = 'meetings/plan-store.ts'
test.each([
  ['from', "db.selectFrom('bot').selectAll()"],
  ['from several', "db.selectFrom(['meeting as m', 'bot as b'])"],
  ['subquery', "db.selectFrom('meeting').where(({ exists, selectFrom }) => exists(eb.selectFrom('bot')))"],
  ['inner join', "db.selectFrom('meeting').innerJoin('bot', 'bot.meetingId', 'meeting.id')"],
  ['left join', "db.selectFrom('meeting').leftJoin('bot as b', 'b.meetingId', 'meeting.id')"],
  ['from of an update', "trx.updateTable('meeting').from('bot').set(row)"],
  ['using of a delete', "trx.deleteFrom('meeting').using('bot')"],
  ['table by its name', "sql`select from ${sql.table('bot')}`"],
  ['from in SQL', 'sql`select 1 from bot b where b.id = ${id}`'],
  ['join in SQL', 'sql`select from meeting m left join bot b on b.meeting_id = m.id`'],
  [
    'after a comma in SQL',
    'sql`select from meeting m, unnest(${ids}::uuid[], ${names}) as i (id, name), bot b where true`',
  ],
  ['lateral in SQL', 'sql`select from meeting m left join lateral (select from bot b) s on true`'],
  ['fragment of SQL', 'const more = sql`join bot b on b.meeting_id = m.id`'],
  ['subquery in SQL', 'sql`select (select count(*) from bot) as count from meeting`'],
  ['template within another', 'sql`select from meeting m, ${oneByOne(sql`select from bot b`)} b`'],
  ['using in SQL', 'sql`delete from meeting m using bot b where b.meeting_id = m.id`'],
  ['types with braces', 'sql<{ at: (a: Date) => { id: string }; of: Map<string, string> }>`select from bot`'],
])('a read of the table of a later room is refused: %s', (_what, source) => {
  expect(refusalsOf(plan, source)).toEqual(['reads bot: bots comes after meetings in the pipeline'])
})

test.each([
  ['a table that is not named where it is written', plan, 'trx.insertInto(table).values(row)', 'does not say which'],
  ['a table that is put into SQL', plan, 'sql`delete from ${table}`', 'does not say which'],
  ['a query outside a store', 'meetings/plan-meetings.ts', "db.selectFrom('meeting')", 'only stores do'],
  ['a key of another room', plan, "db.selectFrom('setting').where('key', '=', 'people')", 'it belongs to people'],
  ['a key of nobody', plan, "sql`select from setting where key = 'mine'`", 'under no key that meetings declares'],
])('refused: %s', (_what, file, source, why) => {
  expect(refusalsOf(file, source).join()).toContain(why)
})

test.each(['src/entrypoints/web/day-store.ts', 'src/app.ts', 'sandbox/room/rooms.ts'])(
  'no table is asked from %s',
  (file) => {
    expect(tableRefusalsOf(owners, file, "db.selectFrom('meeting')")).toHaveLength(1)
  },
)

test.each([
  ['its own table', plan, "trx.insertInto('meeting'); sql`update meeting set title = ''`"],
  ['the table of an earlier room', plan, "db.selectFrom('event').innerJoin('calendar', 'a', 'b')"],
  ['the table of an earlier room, locked', words, 'sql`select from participant p for update of p`'],
  ['a setting of its own', plan, "trx.insertInto('setting').values({ key: 'attendance', value })"],
  [
    'a column of that name',
    plan,
    'sql`select e.bot, count(*) as part from event e where e.bot is distinct from e.part`',
  ],
  ['a text and a comment', plan, "sql`select 'x from bot', 1 -- not from bot\n from meeting /* from bot */`"],
  ['what stands after the tables', plan, 'sql`select from meeting m where m.id = 1 order by m.title, bot, part`'],
  [
    'what is inserted on a conflict',
    plan,
    'sql`insert into meeting (id) values (1) on conflict (id) do update set bot = 1`',
  ],
  ['something else of that name', plan, "Array.from('bot'); Buffer.from(text); `a letter from bot`"],
])('allowed: %s', (_what, file, source) => {
  expect(refusalsOf(file, source)).toEqual([])
})

test.each([
  'src/platform/db/migrations/0099-more.ts',
  'src/platform/db/backup/rows.ts',
  'src/features/bots/bot.test.ts',
])('free is %s', (file) => {
  expect(tableRefusalsOf(owners, file, "trx.deleteFrom('meeting')")).toEqual([])
})

test('each table of the database is declared by one room, with its columns', async () => {
  await using database = await createTestDatabase()
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = 'rapporteur' and table_name not like 'kysely_%'`.execute(database.db)
  expect(declaredColumns().toSorted()).toEqual(rows.map(({ name }) => name).toSorted())
})

/** Every column that some tables.ts declares, as the database names it. */
function declaredColumns(): string[] {
  const sources = sourcesBelow(root, 'src').filter((file) => file.endsWith('/tables.ts'))
  const text = sources.map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n')
  const rowTypes = new Map([...text.matchAll(/^ +(\w+): (\w+Table)$/gm)].map(([, name, type]) => [name, type]))
  return [...owners.tables.keys()].flatMap((name) => {
    const [, body = ''] = text.match(new RegExp(`^interface ${rowTypes.get(name)} \\{\n([^]*?)^\\}`, 'm')) ?? []
    return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, column = '']) => `${columnName(name)}.${columnName(column)}`)
  })
}
