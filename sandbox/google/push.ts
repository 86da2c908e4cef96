import { setTimeout as pause } from 'node:timers/promises'
import type { Channel } from './channels.ts'

/** A notice on its way. */
interface Delivery {
  readonly channel: Channel
  readonly state: 'sync' | 'exists'
  readonly messageNumber: number
}

/** What happened to a notice. */
interface Delivered extends Delivery {
  /** The status of the last answer; null where none came, or where it was lost to order. */
  readonly status: number | null
  readonly attempts: number
}

/** What may happen to a notice on its way: it may be lost, come twice or late. */
interface Transport {
  /** How often it is sent: 0 loses it. */
  copies: (delivery: Delivery) => number
  /** How long each copy takes, in milliseconds. */
  delayMs: (delivery: Delivery) => number
  /** The pauses before further attempts when the answer is 500, 502, 503 or 504, or none comes. */
  retryDelaysMs: readonly number[]
}

/** Sends notices to the addresses of channels. */
export interface Push extends AsyncDisposable {
  readonly transport: Transport
  /** The newest 1,000 that arrived or did not, in the order in which that was known. */
  readonly delivered: readonly Delivered[]
  /** Notices stay here from now on, the oldest first. */
  hold(): void
  readonly held: readonly Delivery[]
  /** Sends some of them, in this order; one that is named twice comes twice. */
  letGo(deliveries: readonly Delivery[]): void
  /** Loses some of them. */
  lose(deliveries: readonly Delivery[]): void
  /** Sends all that are held, and from now on whatever comes. */
  release(): void
  /** Resolves when nothing is on its way. What is held is not. */
  settled(): Promise<void>
  send(channel: Channel, state: Delivery['state']): Promise<void>
}

const KEPT = 1_000
const TAKEN = new Set([102, 200, 201, 202, 204])
const WORTH_ANOTHER_TRY = new Set([500, 502, 503, 504])
const ANSWER_WITHIN_MS = 10_000

interface PushDeps {
  /** Told when a notice was not taken after all attempts. */
  onFailure: (channel: Channel) => void
}

export function createPush({ onFailure }: PushDeps): Push {
  const underway = new Set<Promise<void>>()
  const delivered: Delivered[] = []
  const ending = new AbortController()
  let held: Delivery[] = []
  let isHolding = false
  const transport: Transport = { copies: () => 1, delayMs: () => 0, retryDelaysMs: [1_000, 5_000, 30_000] }

  const note = (one: Delivered) => {
    delivered.push(one)
    if (delivered.length > KEPT) delivered.shift()
  }
  const carry = async (delivery: Delivery): Promise<void> => {
    const { signal } = ending
    const delayMs = transport.delayMs(delivery)
    if (delayMs > 0) await pause(delayMs, undefined, { signal })
    for (let attempts = 1; ; attempts++) {
      const status = await post(delivery, signal)
      const pauseMs = transport.retryDelaysMs[attempts - 1]
      const mayRetry = status === null || WORTH_ANOTHER_TRY.has(status)
      if (mayRetry && pauseMs !== undefined) {
        await pause(pauseMs, undefined, { signal })
        continue
      }
      note({ ...delivery, status, attempts })
      if (status !== null && TAKEN.has(status)) delivery.channel.failuresInARow = 0
      else onFailure(delivery.channel)
      return
    }
  }
  const dispatch = (delivery: Delivery): Promise<void> => {
    const copies = transport.copies(delivery)
    if (copies === 0) note({ ...delivery, status: null, attempts: 0 })
    const all = Promise.all(Array.from({ length: copies }, () => carry(delivery))).then(
      () => {},
      (error) => {
        if (!ending.signal.aborted) throw error
      },
    )
    underway.add(all)
    return all.finally(() => underway.delete(all))
  }

  const push: Push = {
    transport,
    delivered,
    hold() {
      isHolding = true
    },
    get held() {
      return held
    },
    letGo(deliveries) {
      held = held.filter((one) => !deliveries.includes(one))
      for (const delivery of deliveries) void dispatch(delivery)
    },
    lose(deliveries) {
      held = held.filter((one) => !deliveries.includes(one))
      for (const delivery of deliveries) note({ ...delivery, status: null, attempts: 0 })
    },
    release() {
      isHolding = false
      push.letGo(held)
    },
    async settled() {
      while (underway.size > 0) await Promise.all(underway)
    },
    send(channel, state) {
      // Google's numbers have gaps too.
      channel.messageNumber += state === 'sync' ? 0 : 2
      const delivery: Delivery = { channel, state, messageNumber: channel.messageNumber }
      if (!isHolding) return dispatch(delivery)
      held.push(delivery)
      return Promise.resolve()
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await Promise.all(underway)
    },
  }
  return push
}

/** Sends a notice, which has headers only; answers the status, or null where nothing was answered. */
async function post({ channel, state, messageNumber }: Delivery, signal: AbortSignal): Promise<number | null> {
  const headers: Record<string, string> = {
    'content-type': 'application/json; utf-8',
    'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
    'x-goog-channel-id': channel.id,
    'x-goog-channel-expiration': new Date(channel.expiresAt).toUTCString(),
    'x-goog-resource-id': channel.resourceId,
    'x-goog-resource-uri': channel.resourceUri,
    'x-goog-resource-state': state,
    'x-goog-message-number': String(messageNumber),
    ...(channel.token === undefined ? {} : { 'x-goog-channel-token': channel.token }),
  }
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
    const answer = await fetch(channel.address, { method: 'POST', headers, redirect: 'manual', signal: within })
    await answer.body?.cancel()
    return answer.status
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
}
