import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase } from '../../src/platform/db/embedded/connection.ts'
import type { EmbeddedDatabaseOptions } from '../../src/platform/db/embedded/open-embedded-database.ts'
import { ask, endHolder, openQuickly, QUICK, serverPid, spawnHolder, TemporaryFolders } from './embedded-support.ts'

const folders = new TemporaryFolders()
let systemDir: string
/** One folder for everything that does not need a fresh one; each test leaves it stopped. */
let dataDir: string

beforeAll(async () => {
  systemDir = await folders.make(0o755)
  dataDir = await folders.make()
})
afterAll(async () => folders[Symbol.asyncDispose]())

const open = (options: Partial<EmbeddedDatabaseOptions> = {}) => openQuickly({ dataDir, systemDir, ...options })

describe('a data folder', () => {
  it('keeps its data, password and port from one start to the next', async () => {
    const first = await open()
    await ask(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    const second = await open()
    expect(await ask(second.url, 'select answer from kept')).toEqual({ answer: 42 })
    expect(second.url).toBe(first.url)
    expect(second).toMatchObject({ role: 'owner', location: path.join(dataDir, 'postgres') })
    await second.stop()
    await second.stop()
    await expect(stat(path.join(dataDir, 'rapporteur.lock'))).rejects.toThrow('ENOENT')
  })

  it('gets a server in UTF-8 and UTC that listens on loopback only and has room for many connections', async () => {
    const database = await open()
    const row = await ask(
      database.url,
      `select current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
         current_setting('timezone') as zone, current_setting('max_connections') as connections,
         current_setting('server_encoding') as encoding, lower('ÄÉ') as lower`,
    )
    expect(row).toEqual({
      listens: '127.0.0.1',
      sockets: '',
      zone: 'UTC',
      connections: '200',
      encoding: 'UTF8',
      lower: 'äé',
    })
    const wrong = database.url.replace(/:[^:@]+@/, ':wrong@')
    await expect(ask(wrong, 'select 1')).rejects.toThrow('password authentication failed')
    await database.stop()
  })

  it('keeps the cluster, the password and the lock from other users', async () => {
    const database = await open()
    const modes = await Promise.all(
      ['postgres', 'postgres.password', 'postgres.log', 'rapporteur.lock'].map(
        async (name) => (await stat(path.join(dataDir, name))).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600])
    await database.stop()
  })

  it('takes further databases, each created once', async () => {
    const database = await open()
    const url = await createDatabase(database.url, 'an "odd" name')
    expect(await createDatabase(database.url, 'an "odd" name')).toBe(url)
    expect(await ask(url, 'select current_database() as name')).toEqual({ name: 'an "odd" name' })
    await database.stop()
  })
})

describe('a folder in use', () => {
  it('is refused to a second start, which is told who has it', async () => {
    const database = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(`\`rapporteur start\` (process ${process.pid}`),
    })
    await database.stop()
  })

  it('lets a command attach to its start, and keeps running when the command ends', async () => {
    const database = await open()
    const attached = await open({ purpose: 'command', commandName: 'rapporteur calendar list' })
    expect(attached).toMatchObject({ role: 'attached', url: database.url, location: database.location })
    await attached.stop()
    expect(await ask(database.url, 'select 1 as one')).toEqual({ one: 1 })
    await database.stop()
  })

  it('is had by one command after the other, each starting and stopping the server', async () => {
    const lines: string[] = []
    const first = await open({ purpose: 'command', commandName: 'rapporteur doctor' })
    const second = open({ purpose: 'command', commandName: 'rapporteur backup', log: (line) => lines.push(line) })
    await expect.poll(() => lines.join()).toContain('Waiting for `rapporteur doctor`')
    await first.stop()
    const database = await second
    expect(database.role).toBe('owner')
    await database.stop()
  })

  it('is refused to a command that has waited long enough for another', async () => {
    const first = await open({ purpose: 'command', commandName: 'rapporteur restore' })
    const second = open({ purpose: 'command', waitMs: 300 })
    await expect(second).rejects.toMatchObject({ code: 'data_dir_in_use', details: { command: 'rapporteur restore' } })
    await first.stop()
  })
})

describe('trouble at the start', () => {
  it('moves to another port when the remembered one is taken', async () => {
    const first = await open()
    await first.stop()
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(first.port, '127.0.0.1', resolve))
    try {
      const second = await open()
      expect(second.port).not.toBe(first.port)
      expect(await ask(second.url, 'select answer from kept')).toEqual({ answer: 42 })
      await second.stop()

      const settings = { ...QUICK, port: String(first.port) }
      await expect(open({ settings })).rejects.toMatchObject({
        code: 'database_failed',
        message: expect.stringContaining('no free port'),
      })
    } finally {
      squatter.close()
    }
  })

  it('says the last words of a server that does not start, and leaves the folder free', async () => {
    await expect(open({ settings: { ...QUICK, shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'database_failed',
      message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
    })
    const database = await open()
    expect(database.role).toBe('owner')
    await database.stop()
  })

  it('gives the cluster a new password when the file with it is lost', async () => {
    await rm(path.join(dataDir, 'postgres.password'))
    const database = await open()
    expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
    await database.stop()
  })

  it('refuses a cluster of another major version and changes nothing in it', async () => {
    const versionFile = path.join(dataDir, 'postgres', 'PG_VERSION')
    const ours = await readFile(versionFile, 'utf8')
    await writeFile(versionFile, '16\n')
    await expect(open()).rejects.toMatchObject({
      code: 'database_other_major',
      message: expect.stringMatching(/made by PostgreSQL 16.*rapporteur backup FILE.*rapporteur restore FILE/),
    })
    expect(await readFile(versionFile, 'utf8')).toBe('16\n')
    await writeFile(versionFile, ours)
    const database = await open()
    expect(await ask(database.url, 'select answer from kept')).toEqual({ answer: 42 })
    await database.stop()
  })

  it('makes a new cluster beside a broken one, of which nothing is deleted', async () => {
    const folder = await folders.make()
    await mkdir(path.join(folder, 'postgres', 'base'), { recursive: true })
    await writeFile(path.join(folder, 'postgres', 'base', 'precious'), 'data')
    await mkdir(path.join(folder, 'postgres.new-killed'))
    const database = await open({ dataDir: folder })
    expect(await ask(database.url, 'select 1 as one')).toEqual({ one: 1 })
    await database.stop()
    expect(await readFile(path.join(folder, 'postgres.aside-1', 'base', 'precious'), 'utf8')).toBe('data')
    await expect(stat(path.join(folder, 'postgres.new-killed'))).rejects.toThrow('ENOENT')
  })

  it('says that the disk is full when files cannot grow, and works once they can', async () => {
    const folder = await folders.make()
    const limited = await spawnHolder({ dataDir: folder, systemDir, fileLimit: 2000 })
    await endHolder(limited.child)
    expect(limited.answer).toMatchObject({ code: 'disk_full', message: expect.stringContaining(folder) })
    const database = await open({ dataDir: folder })
    expect(await serverPid(database.location)).toBeGreaterThan(1)
    await database.stop()
  })
})
