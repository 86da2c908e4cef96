import { newId } from '../../src/base/ids.ts'
import { hashSecret } from '../../src/features/calendars/channels/channel-secret.ts'
import type { Database } from '../../src/platform/db/index.ts'
import type { TestWeb } from './web.ts'

export interface SeededChannel {
  id: string
  secret: string
  resourceId: string
}

/** A channel as opening one leaves it. `resourceId` null: Google has not answered yet. */
export async function seedChannel(
  db: Database,
  calendarId: string,
  channel: { state?: 'opening' | 'open' | 'closing' | 'closed'; resourceId?: string | null } = {},
): Promise<SeededChannel> {
  const { state = 'open', resourceId = 'resource-1' } = channel
  const [id, secret] = [newId(), `secret of ${calendarId}`]
  const far = new Date('2026-12-01T00:00:00Z')
  await db
    .insertInto('pushChannel')
    .values({
      id,
      calendarId,
      state,
      secretHash: hashSecret(secret),
      address: 'https://meetings.example.com/dashboard/webhook/google-calendar/',
      resourceId,
      expiresAt: far,
      renewAt: far,
      lastDeliveryAt: null,
    })
    .execute()
  return { id, secret, resourceId: resourceId ?? 'resource-1' }
}

/** Sends a notice as Google does: headers only, from elsewhere, to whatever name we were given. */
export async function sendNotice(
  web: Pick<TestWeb, 'ask'>,
  channel: SeededChannel,
  headers: Record<string, string | undefined> = {},
  path = '/dashboard/webhook/google-calendar/',
): Promise<number> {
  const all = {
    host: 'meetings.example.com',
    'content-length': '0',
    'x-goog-channel-id': channel.id,
    'x-goog-channel-token': channel.secret,
    'x-goog-resource-id': channel.resourceId,
    'x-goog-resource-state': 'exists',
    'x-goog-message-number': '7',
    ...headers,
  }
  const set = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return (await web.ask(path, { method: 'POST', headers: set })).status
}
