import { chmod, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { findBarrier, mayEnter } from './reachability.ts'

const account = { name: 'somebody', uid: 990, gid: 991 }

it.each([
  ['anybody', { uid: 0, gid: 0, mode: 0o755 }, true],
  ['nobody else', { uid: 0, gid: 0, mode: 0o700 }, false],
  ['its owner', { uid: 990, gid: 0, mode: 0o700 }, true],
  ['everybody but its owner', { uid: 990, gid: 991, mode: 0o077 }, false],
  ['its group', { uid: 0, gid: 991, mode: 0o710 }, true],
  ['everybody but its group', { uid: 0, gid: 991, mode: 0o701 }, false],
  ['whoever only passes through', { uid: 0, gid: 0, mode: 0o711 }, true],
])('knows a folder open to %s', (_who, folder, expected) => {
  expect(mayEnter(folder, account)).toBe(expected)
})

it('names the first closed folder on the real way to a place', async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'rapporteur-way-')))
  await mkdir(path.join(folder, 'closed', 'inside'), { recursive: true })
  await symlink(path.join(folder, 'closed', 'inside'), path.join(folder, 'link'))
  await chmod(folder, 0o755)
  await chmod(path.join(folder, 'closed'), 0o700)
  const stranger = { name: 'stranger', uid: 1_999_999, gid: 1_999_999 }
  expect(await findBarrier(path.join(folder, 'link'), stranger)).toBe(path.join(folder, 'closed'))
  expect(await findBarrier(folder, stranger)).toBeUndefined()
  await rm(folder, { recursive: true })
})
