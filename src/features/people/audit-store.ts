import { z } from 'zod'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { AuditEntry } from './audit.ts'

const detail = z.record(z.string(), z.unknown()).catch({})

/** Writes down a change by a person, in the change's own transaction. */
export async function recordAudit(trx: Transaction, entry: AuditEntry): Promise<void> {
  const { at, by, action, subject, detail: more = {}, from = null } = entry
  await trx
    .insertInto('audit')
    .values({ at, by, action, subject, detail: JSON.stringify(more), fromWhere: from })
    .execute()
}

/** An entry of the list. Its action may be of a version that is no more. */
export interface AuditRow {
  at: Date
  by: string
  action: string
  subject: string
  detail: Record<string, unknown>
  from: string | null
}

/** The changes by people, newest first. */
export async function listAudit(db: Database, { since, limit }: { since?: Date; limit: number }): Promise<AuditRow[]> {
  let query = db
    .selectFrom('audit')
    .select(['at', 'by', 'action', 'subject', 'detail', 'fromWhere as from'])
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (since) query = query.where('at', '>=', since)
  return (await query.execute()).map((row) => ({ ...row, detail: detail.parse(row.detail) }))
}
