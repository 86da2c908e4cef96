import { chown, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { newId } from '../../../base/ids.ts'

/**
 * Writes a file that only its owner can read, whole or not at all. Written by root in somebody else's folder it is given to that
 * person, so that one run with sudo does not lock them out.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${newId()}.tmp`
  try {
    await createPrivateFile(draft, text)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Writes a new private file and waits until it is on the disk; fails with EEXIST if the name is taken. */
export async function createPrivateFile(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
    await giveToFolderOwner(file)
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** As root, makes the owner of the folder the owner of the file too. */
export async function giveToFolderOwner(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const folder = await stat(path.dirname(file))
  if (folder.uid !== 0) await chown(file, folder.uid, folder.gid)
}
