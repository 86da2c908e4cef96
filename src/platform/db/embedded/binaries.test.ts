import { cp, lstat, mkdir, mkdtemp, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findPackagedBinaries, linkLibraries } from './binaries.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rapporteur-binaries-'))
})
afterAll(async () => rm(folder, { recursive: true }))

it('makes the library links of a package whose install script did not run, and leaves the others alone', async () => {
  const packaged = await findPackagedBinaries()
  await mkdir(path.join(folder, 'lib'))
  await cp(path.join(packaged.root, 'pg-symlinks.json'), path.join(folder, 'pg-symlinks.json'))
  const links = JSON.parse(await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8')) as Array<{
    source: string
    target: string
  }>
  for (const { source } of links)
    await cp(path.join(packaged.root, '..', source), path.join(folder, source.replace('native/', '')))

  expect(await linkLibraries({ root: folder })).toBe(true)
  expect(await linkLibraries({ root: folder })).toBe(true)
  for (const { source, target } of links) {
    const link = path.join(folder, target.replace('native/', ''))
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readlink(link)).toBe(path.basename(source))
  }
})
