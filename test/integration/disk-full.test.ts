import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, tryDiskOfDatabase } from '../../src/platform/db/index.ts'
import { tryDiskOfFolder } from '../../src/platform/observe/index.ts'
import { createTestApp } from '../support/app.ts'
import { openQuickly } from './embedded-support.ts'

const canMount = await (async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-mount-'))
  const isMounted = mount(folder, '1m')
  if (isMounted) unmount(folder)
  await rm(folder, { recursive: true })
  return isMounted
})()

function mount(folder: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0711`, 'tmpfs', folder]).status === 0
}

function unmount(folder: string): void {
  spawnSync('umount', ['--lazy', folder])
}

/** A folder on a disk of its own. */
async function mountDisk(size: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-disk-'))
  expect(mount(folder, size)).toBe(true)
  onTestFinished(async () => {
    unmount(folder)
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

/** Takes all that is left. */
async function fill(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  await writeFile(path.join(folder, 'filling'), Buffer.alloc(bavail * bsize)).catch(() => {})
}

test.runIf(canMount)(
  'whoever asks whether we are ready is told that the disk of the recordings is full, and when it is not any more',
  async () => {
    const dataDir = await mountDisk('110m')
    await using testApp = await createTestApp({ env: { DATA_DIR: dataDir }, runsJobs: true })
    expect(await testApp.app.health.readiness()).toMatchObject({ ready: true })
    await fill(dataDir)
    const full = { code: 'disk_full', message: expect.stringContaining('The disk of DATA_DIR is full') }
    await expect(tryDiskOfFolder(dataDir)).rejects.toMatchObject(full)
    await using second = await createTestApp({ env: { DATA_DIR: dataDir }, runsJobs: true })
    expect(await second.app.health.readiness()).toMatchObject({
      ready: false,
      checks: [
        { name: 'database', ok: true },
        { name: 'disk', ok: false, reason: full.message },
      ],
    })
    await rm(path.join(dataDir, 'filling'))
    await tryDiskOfFolder(dataDir)
  },
)

test.runIf(canMount)('a database whose disk is full says so before a row is lost', async () => {
  const dataDir = await mountDisk('120m')
  await using server = await openQuickly({ dataDir, systemDir: path.join(dataDir, 'system') })
  const db = await openDatabase({ url: server.url, maxConnections: 1 })
  await tryDiskOfDatabase(db)
  await fill(dataDir)
  await expect(tryDiskOfDatabase(db)).rejects.toMatchObject({ code: 'disk_full' })
  await rm(path.join(dataDir, 'filling'))
  await tryDiskOfDatabase(db)
  await db.destroy()
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to is said too', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-closed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o500)
  await expect(tryDiskOfFolder(folder)).rejects.toMatchObject({ code: 'data_dir_not_writable' })
})
