import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startBotHost } from '../../src/features/attendance/runners/browser/bot-host.ts'
import { isRunning, signalProcess } from '../support/processes.ts'
import { until } from '../support/until.ts'

const script = fileURLToPath(new URL('quiet-bot-host.fixture.ts', import.meta.url))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-host-'))
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dataDir, { recursive: true })
})

/** A host that has got its order and is silent. */
async function startQuietHost() {
  const starting = startBotHost({ script, browser: { dataDir }, onNote: () => {} })
  starting.catch(() => {})
  const pid = await until(
    () => {
      try {
        return Number(readFileSync(path.join(dataDir, 'pid'), 'utf8'))
      } catch {
        return 0
      }
    },
    (found) => found > 0,
  )
  return { starting, pid }
}

test('a bot host among many that start may be silent for most of a minute; once it spoke, for seconds', async () => {
  const { starting, pid } = await startQuietHost()
  vi.advanceTimersByTime(58_000)
  expect(isRunning(pid)).toBe(true)
  signalProcess(pid, 'SIGUSR2')
  const host = await starting
  expect(host.pid).toBe(pid)
  vi.advanceTimersByTime(8_000)
  expect(isRunning(pid)).toBe(true)
  vi.advanceTimersByTime(2_000)
  expect(await host.gone).toBe('unresponsive')
})

test('a bot host that is silent for a minute is given up', async () => {
  const { starting, pid } = await startQuietHost()
  vi.advanceTimersByTime(60_000)
  await expect(starting).rejects.toMatchObject({ code: 'bot_host_broken', retry: 'later' })
  await until(
    () => isRunning(pid),
    (runs) => !runs,
  )
})
