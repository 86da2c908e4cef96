import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { describeBlobStore } from './blob-store.contract.ts'
import { createDiskBlobs } from './disk-blobs.ts'

const folders: string[] = []

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-blobs-'))
  folders.push(folder)
  return folder
}

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('Blobs on the disk', () => {
  describeBlobStore(async () => createDiskBlobs(path.join(await makeFolder(), 'media')))

  test('only their owner can read them', async () => {
    const root = path.join(await makeFolder(), 'media')
    await createDiskBlobs(root).put('a/b/one', content('x'))
    const modes = await Promise.all(
      ['', 'a', 'a/b', 'a/b/one'].map(async (name) => ((await stat(path.join(root, name))).mode & 0o777).toString(8)),
    )
    expect(modes).toEqual(['700', '700', '700', '600'])
  })

  test('a draft whose writer died is not listed, and goes with the next put once it is old', async () => {
    const root = await makeFolder()
    const blobs = createDiskBlobs(root)
    await blobs.put('a/one', content('x'))
    const old = path.join(root, 'a', 'one.1.draft')
    const fresh = path.join(root, 'a', 'one.2.draft')
    await writeFile(old, 'half')
    await writeFile(fresh, 'half')
    await utimes(old, new Date('2026-01-01'), new Date('2026-01-01'))
    expect(await blobs.list('a')).toEqual(['a/one'])
    await blobs.put('a/one', content('y'))
    expect((await readdir(path.join(root, 'a'))).toSorted()).toEqual(['one', 'one.2.draft'])
  })

  test('drafts of any name whose writers died are removed on demand, fresh ones are left alone', async () => {
    const root = await makeFolder()
    const blobs = createDiskBlobs(root)
    await blobs.put('a/b/one', content('x'))
    for (const name of ['other.1.draft', 'fresh.2.draft']) await writeFile(path.join(root, 'a', 'b', name), 'half')
    await utimes(path.join(root, 'a', 'b', 'other.1.draft'), new Date('2026-01-01'), new Date('2026-01-01'))
    await blobs.removeLeftDrafts()
    expect((await readdir(path.join(root, 'a', 'b'))).toSorted()).toEqual(['fresh.2.draft', 'one'])
    await createDiskBlobs(path.join(root, 'nowhere')).removeLeftDrafts()
  })

  test('a folder that cannot be made is said with its name', async () => {
    const root = await makeFolder()
    await writeFile(path.join(root, 'media'), 'a file')
    const blobs = createDiskBlobs(path.join(root, 'media'))
    await expect(blobs.put('a/one', content('x'))).rejects.toMatchObject({ code: 'media_not_writable' })
  })
})
