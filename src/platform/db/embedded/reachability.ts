import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Account } from './run-program.ts'

/** The folder on the way to `target` (itself included, if it is one) that this account may not enter; undefined if it gets there. */
export async function findBarrier(target: string, account: Account): Promise<string | undefined> {
  const resolved = await realpath(target)
  for (const folder of foldersDownTo(resolved)) {
    const found = await stat(folder)
    if (found.isDirectory() && !mayEnter(found, account)) return folder
  }
  return undefined
}

/** Whether the owner, group and mode of a folder let an account pass through it. Lists of further permissions are not looked at. */
export function mayEnter(folder: { uid: number; gid: number; mode: number }, account: Account): boolean {
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0
  return (folder.mode & 0o001) !== 0
}

function foldersDownTo(target: string): string[] {
  const folders = [target]
  for (let at = target; path.dirname(at) !== at; at = path.dirname(at)) folders.unshift(path.dirname(at))
  return folders
}
