import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EmbeddedDatabaseOptions } from '../../src/platform/db/embedded/open-embedded-database.ts'
import { isProcessAlive } from '../../src/platform/db/embedded/process-identity.ts'
import { signalProcess } from '../support/processes.ts'
import { ask, endHolder, openQuickly, serverPid, spawnHolder, TemporaryFolders } from './embedded-support.ts'

const folders = new TemporaryFolders()
let systemDir: string
let dataDir: string

beforeAll(async () => {
  systemDir = await folders.make(0o755)
  dataDir = await folders.make()
})
afterAll(async () => folders[Symbol.asyncDispose]())

const open = (options: Partial<EmbeddedDatabaseOptions> = {}) => openQuickly({ dataDir, systemDir, ...options })

it('takes over the server of a start that was killed, and stops it in the end', async () => {
  const killed = await spawnHolder({ dataDir, systemDir })
  const url = killed.answer.url ?? ''
  await ask(url, 'create table kept as select 42 as answer')
  const pid = await serverPid(path.join(dataDir, 'postgres'))
  await endHolder(killed.child, 'SIGKILL')

  const lines: string[] = []
  const database = await open({ log: (line) => lines.push(line) })
  expect(database).toMatchObject({ url, role: 'owner' })
  expect(await serverPid(database.location)).toBe(pid)
  expect(lines).toEqual([`Took over the database server that an earlier run left behind (process ${pid}).`])
  expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
  await database.stop()
  expect(await isProcessAlive({ pid })).toBe(false)
})

it('stops a left-over server that does not know its password, and starts anew', async () => {
  const killed = await spawnHolder({ dataDir, systemDir })
  const pid = await serverPid(path.join(dataDir, 'postgres'))
  await ask(killed.answer.url ?? '', `alter user rapporteur password 'changed'`)
  await endHolder(killed.child, 'SIGKILL')
  await writeFile(path.join(dataDir, 'postgres.password'), '')

  const database = await open()
  expect(await serverPid(database.location)).not.toBe(pid)
  expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
  await database.stop()
})

it('starts a killed server again at the same address, also one that was taken over', async () => {
  const killed = await spawnHolder({ dataDir, systemDir })
  await endHolder(killed.child, 'SIGKILL')
  const lines: string[] = []
  const database = await open({ log: (line) => lines.push(line) })
  for (const round of [1, 2]) {
    const pid = await serverPid(database.location)
    signalProcess(pid)
    await expect
      .poll(() => lines.filter((line) => line.startsWith('The database server runs again')).length)
      .toBe(round)
    expect(await serverPid(database.location)).not.toBe(pid)
    expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
  }
  const attached = await open({ purpose: 'command' })
  expect(attached.url).toBe(database.url)
  await database.stop()
})

it('starts although the file of a dead server names a living stranger', async () => {
  const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid')
  const killed = await spawnHolder({ dataDir, systemDir })
  const text = await readFile(pidFile, 'utf8')
  await endHolder(killed.child)
  await writeFile(pidFile, text.replace(/^\d+/, String(process.pid)))
  const database = await open()
  expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
  await database.stop()
})

it('has exactly one owner when several processes find the lock of a dead one at once', async () => {
  const killed = await spawnHolder({ dataDir, systemDir })
  await endHolder(killed.child, 'SIGKILL')
  const holders = await Promise.all([1, 2, 3].map(() => spawnHolder({ dataDir, systemDir })))
  const owners = holders.filter(({ answer }) => answer.role === 'owner')
  const others = holders.filter(({ answer }) => answer.code === 'data_dir_in_use')
  expect([owners.length, others.length]).toEqual([1, 2])
  expect(others[0]?.answer.message).toContain(`process ${owners[0]?.child.pid}`)
  expect(await Promise.all(holders.map(({ child }) => endHolder(child)))).toEqual([0, 0, 0])
})
