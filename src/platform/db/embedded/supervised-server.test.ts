import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createManualClock } from '../../../../test/support/manual-clock.ts'
import type { AppError } from '../../../base/errors.ts'
import { binariesIn } from './binaries.ts'
import { choosePort } from './free-port.ts'
import { SupervisedServer } from './supervised-server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rapporteur-supervised-'))
})
afterAll(async () => rm(folder, { recursive: true }))

/** A server that has just died, and whose program is not there to start another. */
async function superviseDead(onFailure: (failure: AppError) => void, log: (line: string) => void = () => {}) {
  return new SupervisedServer(
    {
      identity: { pid: 4_194_303 },
      port: await choosePort(undefined),
      exited: Promise.resolve('it was ended by SIGKILL'),
    },
    {
      plan: { binaries: binariesIn(folder, '18.0'), cluster: folder, logPath: path.join(folder, 'log'), settings: {} },
      clock: createManualClock('2026-01-01T00:00:00Z'),
      firstWaitMs: 1,
      log,
      onFailure,
    },
  )
}

it('gives up after five restarts within a minute and says why', async () => {
  const lines: string[] = []
  const failure = await new Promise<AppError>((resolve) => void superviseDead(resolve, (line) => lines.push(line)))
  expect(failure).toMatchObject({ code: 'database_failed', message: expect.stringContaining('could not be run') })
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe('The database server stopped by itself (it was ended by SIGKILL); starting it again.')
})

it('neither restarts nor complains once it is stopped', async () => {
  const failures: AppError[] = []
  const server = await superviseDead((failure) => failures.push(failure))
  await server.stop()
  await server.stop()
  expect(failures).toEqual([])
})
