import { QUEUE_SCHEMA, type Queue } from './queue.ts'

/** Of some values, those that a field of the payload has in a job of this kind that waits, runs or is to be retried. */
export async function findLivePayloads(
  queue: Queue,
  name: string,
  field: string,
  values: readonly string[],
): Promise<Set<string>> {
  if (values.length === 0) return new Set()
  const { rows } = await queue.boss
    .getDb()
    .executeSql(
      `select data ->> $2 as value from ${QUEUE_SCHEMA}.job where name = $1 and state <= 'active' and data ->> $2 = any($3::text[])`,
      [name, field, values],
    )
  return new Set((rows as { value: string }[]).map((row) => row.value))
}
