import { chmod, chown, cp, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPackagedBinaries } from '../../src/platform/db/embedded/binaries.ts'
import { installBinaries } from '../../src/platform/db/embedded/install-binaries.ts'
import type { EmbeddedDatabaseOptions } from '../../src/platform/db/embedded/open-embedded-database.ts'
import { placeBinaries } from '../../src/platform/db/embedded/place-binaries.ts'
import { findBarrier } from '../../src/platform/db/embedded/reachability.ts'
import { ask, endHolder, isRoot, openQuickly, REPOSITORY, spawnHolder, TemporaryFolders } from './embedded-support.ts'

const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 }
const folders = new TemporaryFolders()
let systemDir: string

beforeAll(async () => {
  systemDir = await folders.make(0o755)
})
afterAll(async () => folders[Symbol.asyncDispose]())

const open = (options: Partial<EmbeddedDatabaseOptions> & { dataDir: string }) => openQuickly({ systemDir, ...options })

describe.skipIf(!isRoot)('as root (skipped for other users, who cannot become somebody else)', () => {
  it('keeps the cluster elsewhere when the server cannot enter the data folder, and finds it again', async () => {
    const closed = await folders.make(0o700)
    const dataDir = path.join(closed, 'data')
    const first = await open({ dataDir })
    expect(first.location.startsWith(path.join(systemDir, 'clusters'))).toBe(true)
    await ask(first.url, 'create table kept as select 42 as answer')
    await first.stop()

    await chmod(closed, 0o755)
    const moved = path.join(closed, 'moved')
    await rename(dataDir, moved)
    const second = await open({ dataDir: moved })
    expect(second.location).toBe(first.location)
    expect(await ask(second.url, 'select answer from kept')).toEqual({ answer: 42 })

    const copy = path.join(closed, 'copy')
    await cp(moved, copy, { recursive: true, filter: (name) => !name.endsWith('.lock') })
    await expect(open({ dataDir: copy })).rejects.toMatchObject({ code: 'data_dir_in_use' })
    await second.stop()
  })

  it('begins with an empty database when the data folder was deleted, and keeps the old one', async () => {
    const dataDir = path.join(await folders.make(0o700), 'data')
    const first = await open({ dataDir })
    await first.stop()
    await rm(dataDir, { recursive: true })
    const lines: string[] = []
    const second = await open({ dataDir, log: (line) => lines.push(line) })
    expect(second.location).toBe(first.location)
    expect(lines.join()).toContain(`moved to ${first.location}.aside-1`)
    await second.stop()

    await rename(first.location, `${first.location}-lost`)
    await expect(open({ dataDir })).rejects.toMatchObject({ code: 'database_missing' })
  })

  it('copies PostgreSQL when the server cannot reach it, repairs a damaged copy, and says when no copy helps', async () => {
    const [closed, open] = [await folders.make(0o700), await folders.make(0o755)]
    const source = await findPackagedBinaries()
    const packaged = await installBinaries(source, closed, () => {})
    const place = (copyTo: string) => placeBinaries({ account: NOBODY, copyTo, log: () => {}, packaged })

    const copy = await place(open)
    expect(path.dirname(copy.root)).toBe(open)
    await rm(copy.initdb)
    await place(open)
    expect((await stat(copy.initdb)).mode & 0o777).toBe(0o755)
    expect(await readdir(open)).toEqual([path.basename(copy.root)])

    await expect(place(path.join(closed, 'copy'))).rejects.toMatchObject({ code: 'server_user_cannot_reach' })
  })

  it('says which folder is closed and what helps when there is no other place either', async () => {
    const closed = await folders.make(0o700)
    const failure = open({ dataDir: path.join(closed, 'data'), systemDir: path.join(closed, 'system') })
    await expect(failure).rejects.toMatchObject({
      code: 'server_user_cannot_reach',
      message: expect.stringContaining(`\`chmod o+x ${closed}\``),
    })
  })

  it('leaves an ordinary user their folder, and serves it for root as that user', async ({ skip }) => {
    const barrier = await findBarrier(REPOSITORY, NOBODY)
    skip(barrier !== undefined, `an ordinary user cannot read this copy of the source: ${barrier} is closed`)
    const dataDir = await folders.make(0o700)
    await chown(dataDir, NOBODY.uid, NOBODY.gid)

    const asNobody = { dataDir, systemDir, uid: NOBODY.uid }
    const first = await spawnHolder(asNobody)
    expect(first.answer).toMatchObject({ role: 'owner', location: path.join(dataDir, 'postgres') })
    await ask(first.answer.url ?? '', 'create table kept as select 42 as answer')
    await endHolder(first.child)

    const asRoot = await open({ dataDir })
    expect(await ask(asRoot.url, 'select answer from kept')).toEqual({ answer: 42 })
    await asRoot.stop()

    const second = await spawnHolder(asNobody)
    expect(await ask(second.answer.url ?? '', 'select answer from kept')).toEqual({ answer: 42 })
    await endHolder(second.child)
  })

  it('gives the server a cluster that root has copied, and tells an ordinary user whose it is', async ({ skip }) => {
    const dataDir = await folders.make(0o777)
    const first = await open({ dataDir })
    await first.stop()
    const { uid } = await stat(first.location)
    const copied = path.join(dataDir, 'copied')
    await cp(first.location, copied, { recursive: true })
    await rm(first.location, { recursive: true })
    await rename(copied, first.location)
    const second = await open({ dataDir })
    expect((await stat(second.location)).uid).toBe(uid)
    await second.stop()

    const barrier = await findBarrier(REPOSITORY, NOBODY)
    skip(barrier !== undefined, `an ordinary user cannot read this copy of the source: ${barrier} is closed`)
    const { child, answer } = await spawnHolder({ dataDir, systemDir, uid: NOBODY.uid })
    await endHolder(child)
    expect(answer).toMatchObject({ code: 'database_not_ours', message: expect.stringContaining('belongs to the user') })
  })
})

describe.skipIf(isRoot)('as an ordinary user (skipped for root, whom no folder is closed to)', () => {
  it('says that a data folder cannot be written', async () => {
    const parent = await folders.make(0o500)
    await expect(open({ dataDir: path.join(parent, 'data') })).rejects.toMatchObject({
      code: 'data_dir_not_accessible',
    })
  })
})
