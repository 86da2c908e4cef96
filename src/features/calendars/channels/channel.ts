import { HOUR_MS } from '../../../base/time.ts'

/** `opening`: stored, and the provider is being asked. `closing`: another one took over, and the provider is to be told to stop. */
export type ChannelState = 'opening' | 'open' | 'closing' | 'closed'

/**
 * A provider's promise to say when something changes in one calendar, until it expires. It never renews: a new channel takes over.
 */
export interface Channel {
  id: string
  calendarId: string
  state: ChannelState
  /** Where the provider was told to send. */
  address: string
  resourceId: string | null
  expiresAt: Date
  renewAt: Date
  lastDeliveryAt: Date | null
  createdAt: Date
}

/** What is asked for. A provider may drop a channel whose deliveries keep failing without a word, so that a long life is a long silence. */
export const CHANNEL_LIFE_MS = 48 * HOUR_MS

/** An opening that is not through by now was left behind by a process that died. */
export const OPENING_TAKES_MS = 10 * 60_000

/** How long an ended channel is remembered, to tell late deliveries from strangers'. */
export const REMEMBER_CLOSED_MS = 7 * 24 * HOUR_MS

/** When to open the successor: at half to four fifths of a channel's life, so that those opened together are not renewed together. */
export function renewalAt(from: Date, expiresAt: Date, random: () => number = Math.random): Date {
  const life = expiresAt.getTime() - from.getTime()
  return new Date(from.getTime() + life * (0.5 + 0.3 * random()))
}
