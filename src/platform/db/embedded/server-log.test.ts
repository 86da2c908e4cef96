import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openServerLog, readLogSince, sizeOfLog, trimServerLog } from './server-log.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rapporteur-log-'))
})
afterAll(async () => rm(folder, { recursive: true }))

it('puts a long log aside while the server goes on writing to it', async () => {
  const logPath = path.join(folder, 'long.log')
  const server = await openServerLog(logPath)
  await server.write('a first long line\n')
  await trimServerLog(logPath, 10)
  await server.write('second\n')
  await trimServerLog(logPath, 10)
  await server.close()
  expect(await readFile(`${logPath}.1`, 'utf8')).toBe('a first long line\n')
  expect(await readFile(logPath, 'utf8')).toBe('second\n')
})

it('reads the last lines since a start and nothing older', async () => {
  const logPath = path.join(folder, 'read.log')
  await writeFile(logPath, 'old trouble\n')
  const position = await sizeOfLog(logPath)
  await writeFile(logPath, 'one\ntwo ü\nthree\n', { flag: 'a' })
  expect(await readLogSince(logPath, position, 2)).toBe('two ü\nthree')
  expect(await readLogSince(path.join(folder, 'none.log'), 0)).toBe('')
})
