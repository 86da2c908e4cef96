import { type Clock, systemClock } from '../../../../base/clock.ts'
import { describeError } from '../../../../base/errors.ts'
import type { Database } from '../../../../platform/db/index.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { Logger } from '../../../../platform/observe/index.ts'
import type { Runner, Seat, Sitting, SittingEvent } from '../runner.ts'
import { attendRemotely, type RemoteWishes } from './attend-remotely.ts'
import { createAttendeeApi, type RemoteOrder } from './attendee-api.ts'
import { ATTENDEE_CHANNEL, hasSuccessor, keepTie, readReported, writeRemoteId } from './attendee-bot-store.ts'
import { gatherResults } from './gather-results.ts'
import { defaultPauses, type Pauses } from './pauses.ts'
import { createRemoteRoster } from './remote-roster.ts'

export interface AttendeeRunnerOptions {
  db: Database
  http: HttpClient
  log: Pick<Logger, 'warn' | 'error'>
  /** Where notices of the server are announced. */
  notices: { subscribe(channel: string, heard: (payload: string | undefined) => void): () => void }
  url: URL
  apiKey: string
  /** Where the server is to send its notices; none where it cannot reach us. */
  webhookUrl?: string | undefined
  pauses?: Partial<Pauses>
  /** For each request. */
  timeoutMs?: number
  clock?: Clock
}

/**
 * The runner `attendee`: bots of an Attendee server, through its public API. They stay in their rooms whatever becomes of us; whoever sits
 * down with one again goes on from where it is.
 */
export function createAttendeeRunner(options: AttendeeRunnerOptions): Runner {
  const { db, http, clock = systemClock } = options
  const api = createAttendeeApi(options)
  const pauses = { ...defaultPauses, ...options.pauses }
  const seats = new Map<string, { wake(): void; letGo(): void; done: Promise<void> }>()
  // Hints only: without them the next look comes a little later.
  const unsubscribe = options.notices.subscribe(ATTENDEE_CHANNEL, (botId) => {
    if (botId !== undefined) seats.get(botId)?.wake()
    else for (const seat of seats.values()) seat.wake()
  })

  async function sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Promise<Seat> {
    const bot = { id: sitting.botId, fence: sitting.fence }
    const { joinAt, endsAt, url } = sitting
    const wishes: RemoteWishes = { leave: undefined, joinAt, endsAt, url }
    const alarm = createAlarm()
    let isLetGo = false
    const deps = {
      api,
      pauses,
      now: () => clock.now(),
      pause: alarm.pause,
      emit: onEvent,
      isLetGo: () => isLetGo,
      keepTie: () => keepTie(db, bot, clock.now()),
      writeRemoteId: (id: string | null) => writeRemoteId(db, bot, id),
      readReported: () => readReported(db, bot.id),
      hasSuccessor: (waitsSince: Date) => hasSuccessor(db, bot.id, waitsSince),
      order: (meetingUrl: string) => orderOf(sitting, meetingUrl, wishes, options.webhookUrl),
      tellPeople: createRemoteRoster({ api, botName: sitting.botName, now: () => clock.now(), emit: onEvent }),
      gather: (remote: Parameters<typeof gatherResults>[1]) =>
        gatherResults(
          { api, http, clock, ownHost: options.url.host, pause: () => alarm.pause(pauses.processingMs) },
          remote,
        ),
    }
    const told = Promise.withResolvers<void>()
    const done = attendRemotely(deps, sitting, wishes)
      .catch((error: unknown) => {
        options.log.error('A bot at the Attendee server could not be followed', { botId: bot.id, error })
        onEvent({
          type: 'moved',
          at: clock.now(),
          event: 'fatal_error',
          end: 'internal_error',
          detail: { failure: describeError(error) },
        })
      })
      .then(() => {
        seats.delete(bot.id)
        // Let go of, it is not over.
        if (isLetGo) return
        onEvent({ type: 'over', at: clock.now() })
        told.resolve()
      })
    seats.set(bot.id, {
      wake: alarm.wake,
      done,
      letGo: () => {
        isLetGo = true
        alarm.wake()
      },
    })
    return {
      done: told.promise,
      leave(reason) {
        wishes.leave ??= reason
        alarm.wake()
      },
      update(change) {
        const before = JSON.stringify(wishes)
        Object.assign(wishes, change)
        if (JSON.stringify(wishes) !== before) alarm.wake()
      },
      // It goes on at the server; whoever claims it next follows it there.
      abandon() {
        isLetGo = true
        alarm.wake()
        told.resolve()
      },
      confirmLease() {},
    }
  }

  return {
    sit,
    async [Symbol.asyncDispose]() {
      unsubscribe()
      for (const seat of seats.values()) seat.letGo()
      await Promise.allSettled([...seats.values()].map(({ done }) => done))
    },
  }
}

function orderOf(
  sitting: Sitting,
  meetingUrl: string,
  { joinAt, endsAt }: RemoteWishes,
  webhookUrl: string | undefined,
): Omit<RemoteOrder, 'joinAt' | 'deduplicationKey'> {
  const { limits, botName, chatLine, botId } = sitting
  return {
    meetingUrl,
    botName,
    chatLine,
    metadata: { rapporteur_bot_id: botId },
    leaveAfter: {
      silenceMs: limits.silenceMs,
      silenceArmedAfterMs: limits.silenceArmedAfterMs,
      aloneMs: limits.aloneMs,
      lobbyMs: Math.min(limits.lobbyMs, endsAt.getTime() - joinAt.getTime()),
      uptimeMs: limits.uptimeMs,
    },
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
  }
}

/** A pause that can be ended early; one that is woken while nobody sleeps ends the next at once. */
function createAlarm() {
  let isRinging = false
  let ring = () => {}
  return {
    wake() {
      isRinging = true
      ring()
    },
    pause(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer)
          isRinging = false
          ring = () => {}
          resolve()
        }
        const timer = setTimeout(finish, Math.min(ms, 2 ** 31 - 1))
        ring = finish
        if (isRinging) finish()
      })
    },
  }
}
