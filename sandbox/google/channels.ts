import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { SECOND_MS } from '../../src/base/time.ts'
import type { Grant } from './access-tokens.ts'
import type { Doubts } from './doubts.ts'
import { badRequest, GoogleError, invalidValue } from './errors.ts'

/** A channel that somebody opened; one resource, one address. */
export interface Channel {
  readonly id: string
  readonly resourceId: string
  readonly resourceUri: string
  readonly address: string
  readonly token: string | undefined
  readonly expiresAt: number
  readonly personId: string
  readonly clientId: string
  /** The key of the calendar that it watches, or `users` for the directory. */
  readonly watched: string
  /** Of the newest notice; they rise and need not follow each other. */
  messageNumber: number
  failuresInARow: number
}

/** What can be watched. */
export interface Watched {
  key: string
  uri: string
  /** Derived calendars, as of holidays, can never be watched. */
  isDerived: boolean
}

/** The channels that are open. */
export interface Channels {
  /** Those that have not expired, been stopped or been dropped. */
  live(): readonly Channel[]
  /** Throws what Google answers. */
  open(watched: Watched, request: unknown, grant: Grant): Channel
  /** Throws what Google answers to somebody else's channel, or to one that is gone. */
  stop(request: unknown, grant: Grant): void
  /** Ends one without telling anybody, as Google does now and then. */
  drop(id: string): void
  /** Sends the notice of a change to everybody who watches. */
  notify(watched: string): void
  /** A notice was not taken; after some in a row the channel may end (a doubt). */
  noteFailure(channel: Channel): void
}

/** Without a wish for less: a week (push guide, as of 2026-11). */
const LONGEST_MS = 604_800 * SECOND_MS

const watchSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9\-_+/=]{1,64}$/),
  type: z.enum(['web_hook', 'webhook']),
  address: z.url(),
  token: z.string().max(256).optional(),
  expiration: z.coerce.number().optional(),
  params: z.object({ ttl: z.coerce.number().positive().optional() }).optional(),
})
const stopSchema = z.object({ id: z.string(), resourceId: z.string() })

interface ChannelsDeps {
  now: () => number
  doubts: Doubts
  deliver: (channel: Channel) => void
  verifiedDomains: ReadonlySet<string>
}

export function createChannels({ now, doubts, verifiedDomains, deliver }: ChannelsDeps): Channels {
  const channels = new Map<string, Channel>()
  /** Ids are never good for a second channel. */
  const used = new Set<string>()
  const live = () => [...channels.values()].filter(({ expiresAt }) => expiresAt > now())

  return {
    live,
    open({ key: watched, uri: resourceUri, isDerived }, request, grant) {
      const asked = watchSchema.safeParse(request)
      if (!asked.success) throw invalidValue(asked.error.issues[0]?.path.join('.') ?? 'id')
      const { id, address, token, expiration, params } = asked.data
      checkAddress(address)
      if (doubts.isDomainVerificationEnforced && !verifiedDomains.has(new URL(address).hostname)) {
        throw new GoogleError(401, 'push.webhookUrlUnauthorized', `Unauthorized WebHook callback channel: ${address}`)
      }
      if (used.has(id)) throw new GoogleError(400, 'channelIdNotUnique', `Channel id ${id} not unique`)
      if (isDerived) {
        throw badPush(
          400,
          'pushNotSupportedForRequestedResource',
          'Push notifications are not supported by this resource.',
        )
      }
      if (doubts.channelsPerProject !== null && live().length >= doubts.channelsPerProject) {
        throw new GoogleError(403, 'rateLimitExceeded', 'Rate Limit Exceeded', { domain: 'usageLimits' })
      }
      const wished = [expiration, params?.ttl && now() + params.ttl * SECOND_MS].filter((at) => at !== undefined)
      const channel: Channel = {
        id,
        resourceId: resourceIdOf(resourceUri),
        resourceUri,
        address,
        token,
        expiresAt: Math.min(now() + LONGEST_MS, ...wished),
        personId: grant.personId,
        clientId: grant.clientId,
        watched,
        messageNumber: 1,
        failuresInARow: 0,
      }
      if (channel.expiresAt <= now()) throw invalidValue('expiration')
      used.add(id)
      channels.set(id, channel)
      return channel
    },
    stop(request, grant) {
      const asked = stopSchema.safeParse(request)
      if (!asked.success) throw badRequest('Missing channel id or resource id.')
      const channel = channels.get(asked.data.id)
      const isGone = !channel || channel.expiresAt <= now() || channel.resourceId !== asked.data.resourceId
      if (isGone || channel.clientId !== grant.clientId) {
        throw new GoogleError(404, 'notFound', `Channel '${asked.data.id}' not found for project 'example-lampworks'`)
      }
      channels.delete(channel.id)
    },
    drop: (id) => void channels.delete(id),
    noteFailure(channel) {
      channel.failuresInARow += 1
      const most = doubts.channelEndsAfterFailures
      if (most !== null && channel.failuresInARow >= most) channels.delete(channel.id)
    },
    notify(watched) {
      for (const channel of channels.values()) {
        if (channel.expiresAt <= now()) channels.delete(channel.id)
        else if (channel.watched === watched) deliver(channel)
      }
    },
  }
}

/** Other than Google this takes addresses of this machine without TLS. */
function checkAddress(address: string): void {
  const { protocol, hostname } = new URL(address)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return
  throw badPush(400, 'push.webhookUrlNotHttps', `WebHook callback must be HTTPS: ${address}`)
}

function badPush(status: number, reason: string, message: string): GoogleError {
  return new GoogleError(status, reason, message)
}

const resourceIds = new Map<string, string>()

/** The same for the same resource, and it says nothing. */
function resourceIdOf(uri: string): string {
  const known = resourceIds.get(uri)
  if (known) return known
  const id = randomBytes(20).toString('base64url')
  resourceIds.set(uri, id)
  return id
}

/** What the watch request is answered with. */
export function writeChannel({ id, resourceId, resourceUri, token, expiresAt }: Channel): Record<string, unknown> {
  const said = token === undefined ? {} : { token }
  return { kind: 'api#channel', id, resourceId, resourceUri, ...said, expiration: String(expiresAt) }
}
