import { z } from 'zod'
import type { Clock } from '../../../../base/clock.ts'
import { cleanLine } from '../../../../base/text.ts'
import { type Database, inTransaction } from '../../../../platform/db/index.ts'
import { type Queue, sendJobs } from '../../../../platform/jobs/index.ts'
import { readUnsettled, wakeHolder, writeNotice } from '../../../bots/index.ts'
import { seeToBotRequest } from '../../jobs.ts'
import { isGenuineNotice } from './verify-notice.ts'

const NAME_LENGTH = 200

// Attendee v1.64.1 (August 2026), docs/webhooks.md: only what is used of it.
const noticeSchema = z.object({
  idempotency_key: z.string().min(1).max(100),
  bot_id: z.string().min(1).max(100),
  bot_metadata: z
    .object({ rapporteur_bot_id: z.string().max(100).optional() })
    .nullish()
    .catch(null),
  trigger: z.string(),
  data: z
    .object({
      event_type: z.string().max(100).optional(),
      event_metadata: z
        .object({ remover_name: z.string().nullish(), remover_uuid: z.string().nullish() })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
})

/** What moves a bot is written down as well. */
const STATES = 'bot.state_change'

/** `woken`: the bot's holder looks now. `ignored`: it came before, or is not about a bot of ours. */
export type NoticeOutcome = 'woken' | 'ignored' | 'not_believed'

/**
 * Takes a notice of an Attendee server. What it says is never taken for the truth, only as a reason to ask the server: in whatever order and however often notices come, nothing is wrong afterwards. Who removed a bot is said nowhere
 * else, and kept.
 */
export async function receiveAttendeeNotice(
  deps: { db: Database; clock: Clock; queue: Queue },
  input: { body: string; signature: string | undefined; secret: string },
): Promise<NoticeOutcome> {
  if (!isGenuineNotice(input.body, input.signature, input.secret)) return 'not_believed'
  const notice = noticeSchema.safeParse(JSON.parse(input.body)).data
  if (!notice) return 'ignored'
  const { remover_name: name, remover_uuid: uuid } = notice.data?.event_metadata ?? {}
  return inTransaction(deps.db, async (trx) => {
    const about = { remoteId: notice.bot_id, botId: notice.bot_metadata?.rapporteur_bot_id }
    // Of what is said and who comes there are hundreds in a meeting: they wake, and twice is no harm.
    if (notice.trigger !== STATES) return (await wakeHolder(trx, about)) === undefined ? 'ignored' : 'woken'
    const botId = await writeNotice(
      trx,
      {
        ...about,
        idempotencyKey: notice.idempotency_key,
        eventType: notice.data?.event_type ?? notice.trigger,
        remover: name || uuid ? cleanLine(name ?? '', NAME_LENGTH) : undefined,
      },
      deps.clock.now(),
    )
    if (botId === undefined) return 'ignored'
    if (await readUnsettled(trx, botId)) await sendJobs(deps.queue, trx, [seeToBotRequest(botId)])
    return 'woken'
  })
}
