import { sql } from 'kysely'
import type { Database } from '../../../../platform/db/index.ts'
import type { CallRate } from '../provider.ts'

interface CallTaking {
  name: string
  rate: CallRate
  wanted: number
  /** Calls that are left for others who are more urgent. */
  reserve: number
  now: Date
}

/** Takes up to `wanted` calls out of a budget that all processes share. With none granted, says how long it takes until one is. */
export async function takeCalls(db: Database, taking: CallTaking): Promise<{ granted: number; waitMs: number }> {
  const taken = await updateBudget(db, taking)
  if (taken) return taken
  await db
    .insertInto('callBudget')
    .values({ name: taking.name, available: taking.rate.capacity, countedAt: taking.now, heldUntil: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await updateBudget(db, taking)) ?? { granted: 0, waitMs: 0 }
}

async function updateBudget(
  db: Database,
  taking: CallTaking,
): Promise<{ granted: number; waitMs: number } | undefined> {
  const { name, rate, wanted, reserve, now } = taking
  const { rows } = await sql<{ granted: number; waitMs: number }>`
    with before as (
      select held_until, counted_at,
        least(${rate.capacity}, available + greatest(0, extract(epoch from ${now}::timestamptz - counted_at)) * ${rate.perSecond}) as level
      from call_budget where name = ${name} for update
    ), granted as (
      select *, case when held_until > ${now} then 0 else greatest(0, least(${wanted}, floor(level - ${reserve}))) end as calls from before
    )
    update call_budget set available = level - calls, counted_at = greatest(granted.counted_at, ${now})
    from granted where name = ${name}
    returning calls::int as granted, ceil(greatest(
      1000 * (1 + ${reserve} - (level - calls)) / ${rate.perSecond},
      1000 * extract(epoch from granted.held_until - ${now}::timestamptz), 0))::float8 as wait_ms`.execute(db)
  return rows[0]
}

/** Nobody calls on this budget before `until`. */
export async function holdCalls(db: Database, name: string, until: Date, capacity: number, now: Date): Promise<void> {
  await db
    .insertInto('callBudget')
    .values({ name, available: capacity, countedAt: now, heldUntil: until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({ heldUntil: eb.fn('greatest', ['callBudget.heldUntil', eb.val(until)]) })),
    )
    .execute()
}

/** Forgets the budgets of users that nobody has touched for some time: they are full. */
export async function deleteIdleBudgets(db: Database, before: Date): Promise<void> {
  await db.deleteFrom('callBudget').where('countedAt', '<', before).execute()
}
