import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FolderLock, type LockHolder, tryFolderLock } from './folder-lock.ts'
import { currentRealm, identifyProcess } from './process-identity.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rapporteur-lock-'))
  file = path.join(folder, 'rapporteur.lock')
})
afterEach(async () => rm(folder, { recursive: true }))

const tryLock = () =>
  tryFolderLock(file, { purpose: 'start', command: 'rapporteur start', since: new Date(), silenceMs: 500 })

async function leaveLock(changes: Partial<LockHolder>): Promise<void> {
  const holder: LockHolder = {
    id: 'left',
    ...(await identifyProcess(process.pid)),
    ...(await currentRealm()),
    purpose: 'start',
    command: 'rapporteur start',
    since: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
  await writeFile(file, JSON.stringify(holder))
}

it('is had by one and free again after the release', async () => {
  const first = await tryLock()
  expect(first.lock).toBeDefined()
  expect((await tryLock()).heldBy).toMatchObject({
    pid: process.pid,
    hostname: hostname(),
    command: 'rapporteur start',
  })
  await first.lock?.release()
  const second = await tryLock()
  expect(second.lock).toBeDefined()
  await second.lock?.release()
  expect(await readdir(folder)).toEqual([])
})

it('tells the port of its server once that is announced', async () => {
  const { lock } = await tryLock()
  await lock?.announcePort(20_123)
  expect((await tryLock()).heldBy).toMatchObject({ port: 20_123 })
  await lock?.release()
})

it('is taken from a dead process', async () => {
  await leaveLock({ pid: 4_194_303 })
  expect((await tryLock()).lock).toBeDefined()
})

it.runIf(process.platform === 'linux')(
  'is taken when the number of the dead process is another one’s now',
  async () => {
    await leaveLock({ startTicks: '1' })
    expect((await tryLock()).lock).toBeDefined()
  },
)

it.runIf(process.platform === 'linux')(
  'is taken after the machine was started again, whatever number it names',
  async () => {
    await leaveLock({ bootId: 'an earlier boot' })
    expect((await tryLock()).lock).toBeDefined()
  },
)

it('is taken when a power failure cut the file short', async () => {
  await writeFile(file, '{"id":')
  expect((await tryLock()).lock).toBeDefined()
})

it('is taken when whoever was taking it over died too', async () => {
  await leaveLock({ pid: 4_194_303 })
  await writeFile(`${file}.taking-left`, await readFile(file, 'utf8'))
  const { lock } = await tryLock()
  expect(lock).toBeDefined()
  await lock?.release()
  expect(await readdir(folder)).toEqual([])
})

it('is had by exactly one of many that find a stale one at once', async () => {
  for (let round = 0; round < 20; round++) {
    await leaveLock({ id: `left-${round}`, pid: 4_194_303 })
    const attempts = await Promise.all(Array.from({ length: 12 }, tryLock))
    const locks = attempts.flatMap(({ lock }): FolderLock[] => (lock ? [lock] : []))
    expect(locks).toHaveLength(1)
    await locks[0]?.release()
    expect(await readdir(folder)).toEqual([])
  }
})

it('of another container is respected while its file is touched, and taken when that has stopped', async () => {
  await leaveLock({ bootId: 'another machine', hostname: 'another', pid: 4_194_303 })
  const heartbeat = setInterval(() => void utimes(file, new Date(), new Date()), 50)
  const alive = await tryLock()
  clearInterval(heartbeat)
  expect(alive.heldBy).toMatchObject({ hostname: 'another' })
  expect((await tryLock()).lock).toBeDefined()
})
