import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPeople } from '../../sandbox/room/people/start-people.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import type { BotHostPool } from '../../src/features/attendance/runners/browser/bot-host-pool.ts'
import type { AudioEvent } from '../../src/features/attendance/runners/runner.ts'
import { findBrowser } from '../../src/platform/browser/index.ts'
import { browserOptions } from '../support/browser.ts'
import { BOT_NAME, isIn, openPool, openSandbox, PATIENCE_MS, sit, type WatchedSeat } from './bot-support.ts'

const HOSTILE = '<script>alert(1)</script> "\'; drop table meeting'

describe('What a bot hears', () => {
  let sandbox: Sandbox
  let pool: BotHostPool

  beforeAll(async () => {
    ;[sandbox, pool] = await Promise.all([openSandbox(), Promise.resolve(openPool())])
  })
  afterAll(async () => {
    await pool[Symbol.asyncDispose]()
    await sandbox[Symbol.asyncDispose]()
  })

  test(
    'two people who speak are heard under their own names, and the bot leaves when they have gone',
    async () => {
      const bot = await sit(pool, `${sandbox.origin}/rooms/two`, { aloneMs: 300 }, { chatLine: 'I take notes.' })
      await bot.until(isIn)
      await using people = await startPeople({
        program: await findBrowser(browserOptions),
        origin: sandbox.origin,
        room: 'two',
        cast: [
          { name: 'Ana', says: [{ clip: 'slt-question', atMs: 700 }], leavesAtMs: 6_500 },
          { name: 'Ben', says: [{ clip: 'rms-promise', atMs: 2_000 }], leavesAtMs: 6_500 },
          { name: HOSTILE, leavesAtMs: 6_000 },
        ],
      })
      await bot.seat.done
      await people.finished

      expect(bot.moves()).toEqual([
        'join_requested',
        'joined_meeting',
        'leave_requested: auto_leave_only_participant_in_meeting',
        'left_meeting',
      ])
      expect(bot.events.at(-1)?.type).toBe('over')
      expect(bot.people().toSorted()).toEqual(
        ['Ana', 'Ben', HOSTILE].flatMap((name) => [`joined ${name}`, `left ${name}`]).toSorted(),
      )
      expect(sandbox.rooms.room('two').chat.map(({ text }) => text)).toEqual(['I take notes.'])
      expect(bot.events).toContainEqual(expect.objectContaining({ type: 'said', text: 'I take notes.' }))

      const [ana, ben, silent] = ['Ana', 'Ben', HOSTILE].map((name) => voiceOf(bot, name))
      expect(silent).toEqual([])
      // Each sentence is four seconds long, and Ana began first.
      for (const voice of [ana, ben]) expect(speechMs(voice ?? [])).toBeGreaterThan(1_500)
      expect(firstLoudMs(ana ?? [])).toBeLessThan(firstLoudMs(ben ?? []))
      expect(bot.audio().filter(({ of, nativeId }) => of === 'voice' && nativeId === null)).toEqual([])
      expectSoundMix(bot)
    },
    PATIENCE_MS,
  )

  test(
    'comings and goings: twice, back again, renamed, under one name, under the bot’s name',
    async () => {
      const bot = await sit(pool, `${sandbox.origin}/rooms/many`, { aloneMs: 300 })
      await bot.until(isIn)
      await using people = await startPeople({
        program: await findBrowser(browserOptions),
        origin: sandbox.origin,
        room: 'many',
        cast: [
          { name: 'Ana', leavesAtMs: 800 },
          { name: 'Ana', joinsAtMs: 300 },
          {
            name: 'Ana',
            joinsAtMs: 1_300,
            says: [{ clip: 'slt-question', atMs: 1_500 }],
            renames: [{ to: 'Ana Lima', atMs: 2_800 }],
          },
          { name: BOT_NAME, says: [{ clip: 'rms-promise', atMs: 1_500 }] },
        ],
      })
      await bot.until(() => bot.people().includes('renamed Ana Lima') && speechMs(voiceOf(bot, BOT_NAME)) > 1_500)
      expect(bot.people().filter((change) => change === 'joined Ana')).toHaveLength(3)
      expect(bot.people()).toContain('left Ana')
      // Three of one name are three, and the one who spoke is heard as one of them and stays the same under a new name.
      const speakers = new Set(bot.audio().flatMap(({ nativeId }) => nativeId ?? []))
      expect(speakers).toEqual(new Set([idOf(bot, 'Ana Lima'), idOf(bot, BOT_NAME)]))
      const double = bot.events.find((event) => event.type === 'participant' && event.participant.name === BOT_NAME)
      expect(double).toMatchObject({ participant: { hasBotName: true } })
      bot.seat.leave('user_requested')
      await bot.seat.done
      expect(bot.moves().slice(-2)).toEqual(['leave_requested: user_requested', 'left_meeting'])
      expect(people.deeds.some(({ did }) => did === 'missed')).toBe(false)
    },
    PATIENCE_MS,
  )
})

function idOf(bot: WatchedSeat, name: string): string | undefined {
  const event = bot.events.findLast((one) => one.type === 'participant' && one.participant.name === name)
  return event?.type === 'participant' ? event.participant.nativeId : undefined
}

function voiceOf(bot: WatchedSeat, name: string): AudioEvent[] {
  const id = idOf(bot, name)
  return bot.audio().filter(({ of, nativeId }) => of === 'voice' && nativeId === id)
}

const LOUD = 1_000

/** Milliseconds of 20 ms pieces that are loud. */
function speechMs(voice: readonly AudioEvent[]): number {
  return voice.flatMap(({ pcm }) => loudPieces(pcm)).filter(Boolean).length * 20
}

function firstLoudMs(voice: readonly AudioEvent[]): number {
  for (const { pcm, startedMs } of voice) {
    const at = loudPieces(pcm).indexOf(true)
    if (at >= 0) return startedMs + at * 20
  }
  return Number.NaN
}

function loudPieces(pcm: Int16Array | null): boolean[] {
  if (!pcm) return []
  return Array.from({ length: pcm.length / 320 }, (_, piece) =>
    pcm.subarray(piece * 320, piece * 320 + 320).some((sample) => Math.abs(sample) > LOUD),
  )
}

/** From zero on without a gap, with a packet for each 20 ms. */
function expectSoundMix(bot: WatchedSeat): void {
  let nextMs = 0
  for (const { startedMs, durationMs, packets } of bot.audio().filter(({ of }) => of === 'mix')) {
    expect(startedMs).toBe(nextMs)
    expect(packets).toHaveLength(durationMs / 20)
    nextMs += durationMs
  }
  expect(nextMs).toBeGreaterThan(5_000)
}
