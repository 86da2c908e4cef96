import type { Room } from '../../sandbox/room/room.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { botHostScript } from '../../src/entrypoints/bot-process/bot-host-script.ts'
import {
  type BotHostPool,
  type BotHostPoolOptions,
  createBotHostPool,
} from '../../src/features/attendance/runners/browser/bot-host-pool.ts'
import { tellMove } from '../../src/features/attendance/runners/runner.contract.ts'
import type { AudioEvent, Seat, Sitting, SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import { defaultLimits, type SittingLimits } from '../../src/features/bots/index.ts'
import { browserOptions } from '../support/browser.ts'

export const BOT_NAME = 'Meeting Assistant'
// Patience for a machine that is busy with other tests; nothing waits for it to pass.
export const PATIENCE_MS = 60_000

export function openPool(options: Partial<BotHostPoolOptions> = {}): BotHostPool {
  return createBotHostPool({
    script: botHostScript,
    botsPerHost: 5,
    browser: browserOptions,
    ...options,
  })
}

export function openSandbox(): Promise<Sandbox> {
  return startSandbox({ clock: systemClock })
}

/** A bot at work and everything it told. */
export interface WatchedSeat {
  seat: Seat
  events: SittingEvent[]
  /** Resolves when it holds for what was told so far. */
  until(holds: (events: SittingEvent[]) => boolean): Promise<void>
  moves(): string[]
  audio(): AudioEvent[]
  /** Changes of participants as text, by their names. */
  people(): string[]
}

export async function sit(
  pool: BotHostPool,
  url: string,
  limits: Partial<SittingLimits> = {},
  sitting: Partial<Sitting> = {},
): Promise<WatchedSeat> {
  const events: SittingEvent[] = []
  const waiting = new Set<() => void>()
  const onEvent = (event: SittingEvent) => {
    events.push(event)
    for (const check of waiting) check()
  }
  const seat = await pool.sit(
    {
      botId: 'bot_1',
      fence: 1,
      resumesFrom: null,
      platform: 'sandbox',
      url,
      botName: BOT_NAME,
      otherBotNames: [],
      chatLine: '',
      joinAt: new Date(),
      endsAt: new Date(Date.now() + 3_600_000),
      limits: { ...defaultLimits, pollMs: 50, ...limits },
      ...sitting,
    },
    onEvent,
  )
  return {
    seat,
    events,
    until: (holds) =>
      new Promise((resolve) => {
        const check = () => {
          if (!holds(events)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    moves: () => events.flatMap((event) => (event.type === 'moved' ? [tellMove(event)] : [])),
    audio: () => events.filter((event) => event.type === 'audio'),
    people: () =>
      events.flatMap((event) => (event.type === 'participant' ? [`${event.change} ${event.participant.name}`] : [])),
  }
}

export const isIn = (events: SittingEvent[]) =>
  events.some((event) => event.type === 'moved' && event.event === 'joined_meeting')

/** The bot's visit to a room that is not over. */
export function botIn(room: Room) {
  const present = [...room.participants(), ...room.waiting()]
  const visit = present.find(({ joinedAs }) => joinedAs === BOT_NAME)
  if (!visit) throw new Error('The bot is not there')
  return visit
}
