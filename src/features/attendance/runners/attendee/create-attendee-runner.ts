import { type Clock, systemClock } from '../../../../base/clock.ts'
import { describeError } from '../../../../base/errors.ts'
import type { AttendeeSettings, BotImage } from '../../../../platform/config/index.ts'
import { type Database, inTransaction } from '../../../../platform/db/index.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { Logger } from '../../../../platform/observe/index.ts'
import {
  ATTENDEE_SIGNAL,
  hasNotice,
  hasSuccessor,
  hasTie,
  holdsFence,
  keepTie,
  listInTheWay,
  noteGone,
  readRemover,
  readReported,
  renewTie,
  writeRemoteId,
} from '../../../bots/index.ts'
import { createBotNames } from '../bot-names.ts'
import type { Runner, Seat, Sitting, SittingEvent } from '../runner.ts'
import { createAlarm } from './alarm.ts'
import { attendRemotely, type RemoteWishes } from './attend-remotely.ts'
import { createAttendeeApi, type RemoteOrder } from './attendee-api.ts'
import { fitName } from './fit-server.ts'
import { mediaFormatFor } from './order-settings.ts'
import { defaultPauses, type Pauses } from './pauses.ts'
import { createRoomTeller } from './tell-room.ts'

export interface AttendeeRunnerOptions {
  db: Database
  http: HttpClient
  log: Pick<Logger, 'warn' | 'error'>
  /** Where it is signalled that the server had something to say. */
  signals: { subscribe(signal: string, heard: (payload: string | undefined) => void): () => void }
  url: URL
  apiKey: string
  /** Where the server is to send its notices; none where it cannot reach us. */
  webhookUrl?: string | undefined
  /** What bots are ordered with besides. */
  settings?: AttendeeSettings | undefined
  image?: BotImage | undefined
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
  const { db, clock = systemClock } = options
  const api = createAttendeeApi(options)
  const pauses = { ...defaultPauses, ...options.pauses }
  const noticeMs = options.pauses?.noticeMs ?? (options.webhookUrl === undefined ? 0 : pauses.noticeMs)
  const seats = new Map<string, { hint(): void; letGo(): void; done: Promise<void> }>()
  // Hints only: without them the next look comes a little later.
  const unsubscribe = options.signals.subscribe(ATTENDEE_SIGNAL, (botId) => {
    if (botId !== undefined) seats.get(botId)?.hint()
    else for (const seat of seats.values()) seat.hint()
  })

  async function sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Promise<Seat> {
    const bot = { id: sitting.botId, fence: sitting.fence }
    const { joinAt, endsAt, url } = sitting
    const wishes: RemoteWishes = { leave: undefined, joinAt, endsAt, url }
    const says: string[] = []
    const names = createBotNames(fitName(sitting.botName), sitting.otherBotNames)
    const alarm = createAlarm(pauses.hintedMs)
    let isLetGo = false
    const deps = {
      api,
      pauses,
      now: () => clock.now(),
      pause: alarm.pause,
      emit: onEvent,
      isLetGo: () => isLetGo,
      wasAskedFor: () => hasTie(db, bot.id),
      keepTie: () => keepTie(db, bot, clock.now(), mediaFormatFor(options.settings ?? {}, sitting.platform)),
      writeRemoteId: (id: string) => writeRemoteId(db, bot, id),
      renewTie: () => renewTie(db, bot, clock.now()),
      readReported: () => readReported(db, bot.id),
      isOurs: async () => !isLetGo && (await inTransaction(db, (trx) => holdsFence(trx, bot))),
      noteGone: () => noteGone(db, bot.id, clock.now()),
      listInTheWay: () => listInTheWay(db, bot.id),
      noteOtherGone: (botId: string) => noteGone(db, botId, clock.now()),
      readRemover: async (eventType: string) => {
        const untilMs = Date.now() + noticeMs
        while (Date.now() < untilMs && !isLetGo && !(await hasNotice(db, bot.id, eventType)))
          await alarm.pause(Math.min(pauses.nearMs, untilMs - Date.now()))
        return readRemover(db, bot.id)
      },
      hasSuccessor: (waitsSince: Date) => hasSuccessor(db, bot.id, waitsSince),
      order: (meetingUrl: string) => orderOf(sitting, meetingUrl, wishes, options.webhookUrl),
      tellRoom: createRoomTeller(
        { api, pauses, names, now: () => clock.now(), emit: onEvent },
        { isUrgent: () => wishes.tellsPeople === true, wasHinted: alarm.takeHint, says: () => says },
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
      hint: alarm.hint,
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
        const { say, ...wanted } = change
        const before = JSON.stringify(wishes)
        Object.assign(wishes, wanted)
        if (say !== undefined) says.push(say)
        if (say !== undefined || JSON.stringify(wishes) !== before) alarm.wake()
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

/** What a server is asked for, for a sitting. */
export function orderOf(
  sitting: Pick<Sitting, 'limits' | 'botName' | 'otherBotNames' | 'chatLine' | 'botId' | 'platform'>,
  meetingUrl: string,
  { joinAt, endsAt }: Pick<RemoteWishes, 'joinAt' | 'endsAt'>,
  webhookUrl: string | undefined,
): Omit<RemoteOrder, 'joinAt' | 'deduplicationKey'> {
  const { limits, botName, otherBotNames, chatLine, botId, platform } = sitting
  return {
    platform,
    meetingUrl,
    botName,
    otherBotNames,
    chatLine,
    metadata: { rapporteur_bot_id: botId },
    leaveAfter: {
      silenceMs: limits.silenceMs,
      silenceArmedAfterMs: limits.silenceArmedAfterMs,
      aloneMs: limits.aloneMs,
      lobbyMs: Math.min(limits.lobbyMs, endsAt.getTime() - joinAt.getTime()),
      hostMs: Math.min(limits.hostMs, endsAt.getTime() - joinAt.getTime()),
      uptimeMs: limits.uptimeMs,
    },
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
  }
}
