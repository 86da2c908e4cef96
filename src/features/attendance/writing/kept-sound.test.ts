import { mkdtemp, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogCapture } from '../../../../test/support/log-capture.ts'
import { createLogger } from '../../../platform/observe/index.ts'
import type { AudioEvent } from '../runners/runner.ts'
import { KeptSound, readLeftSound, type SoundOfBot } from './kept-sound.ts'

const workerId = 'worker_1'

async function openKept(mostBytes?: number) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-kept-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const logs = createLogCapture()
  const log = createLogger({ level: 'debug', destination: logs })
  const kept = new KeptSound({ folder, workerId, log, ...(mostBytes === undefined ? {} : { mostBytes }) })
  onTestFinished(() => kept[Symbol.asyncDispose]())
  const left = async () => {
    const found: SoundOfBot[] = []
    await readLeftSound({ folder, workerId }, async (sounds) => void found.push(...sounds))
    return found.map(({ audio }) => audio.startedMs)
  }
  return { kept, logs, left, bytes: async () => (await stat(path.join(folder, `${workerId}.sound`))).size }
}

function sound(startedMs: number): SoundOfBot {
  const packets = [Uint8Array.of(1, 2, startedMs % 256)]
  const pcm = Int16Array.from({ length: 320 }, (_, i) => i - startedMs)
  const audio: AudioEvent = {
    type: 'audio',
    of: 'voice',
    nativeId: 'a',
    voice: 'v',
    startedMs,
    durationMs: 20,
    packets,
    pcm,
  }
  return { botId: 'bot_1', meetingId: 'm', startedAt: new Date(0), audio }
}

test('sound that waits on the disk comes back as it was, and when all of it is written the file is empty', async () => {
  const { kept, bytes } = await openKept()
  const waiting = [20, 40, 60].map((at) => ({ was: sound(at), kept: kept.keep(sound(at)) }))
  for (const one of waiting) expect(await one.kept.read()).toEqual(one.was.audio)
  expect(await bytes()).toBeGreaterThan(0)
  for (const one of waiting) await one.kept.done()
  expect(await bytes()).toBe(0)
  expect(await kept.keep(sound(80)).read()).toEqual(sound(80).audio)
})

test('what a worker that was killed left is found, without what it had written', async () => {
  const { kept, left } = await openKept()
  const [first, , last] = [kept.keep(sound(20)), kept.keep(sound(40)), kept.keep(sound(60))]
  await last?.read()
  await first?.done()
  expect(await left()).toEqual([40, 60])
  expect(await left()).toEqual([])
})

test('what is over the bound is lost, which is said once, until the disk is empty again', async () => {
  const { kept, logs } = await openKept(1_500)
  const fits = kept.keep(sound(20))
  for (const at of [40, 60]) expect(await kept.keep(sound(at)).read()).toBeUndefined()
  expect(logs.entries().filter(({ level }) => level === 'error')).toHaveLength(1)
  expect(await fits.read()).toEqual(sound(20).audio)
  await fits.done()
  expect(await kept.keep(sound(80)).read()).toEqual(sound(80).audio)
})
