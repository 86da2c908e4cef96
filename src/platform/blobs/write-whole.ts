import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { newId } from '../../base/ids.ts'
import { HOUR_MS } from '../../base/time.ts'
import { translateDiskError } from './blob-errors.ts'

const DRAFT = '.draft'

/** Whether a file is one that is being written, or was when its writer died. */
export function isDraft(name: string): boolean {
  return name.endsWith(DRAFT)
}

/**
 * Writes a file under another name, waits until it is on the disk and gives it its own name; answers its length. Folders down from
 * `root` are made where they are missing. What somebody else began to write there and left is removed.
 */
export async function writeWhole(
  place: { root: string; file: string },
  content: AsyncIterable<Uint8Array>,
): Promise<number> {
  const { root, file } = place
  const draft = `${file}.${newId()}${DRAFT}`
  // The content's own failures are nobody's but its writer's.
  const onDisk = async <T>(work: Promise<T>) =>
    work.catch((error) => {
      throw translateDiskError(error, root)
    })
  await onDisk(mkdir(path.dirname(file), { recursive: true, mode: 0o700 }))
  const handle = await onDisk(open(draft, 'wx', 0o600))
  try {
    await onDisk(removeLeftDrafts(file, draft))
    let size = 0
    for await (const chunk of content) {
      await onDisk(writeAll(handle, chunk))
      size += chunk.length
    }
    await onDisk(handle.sync())
    await onDisk(rename(draft, file))
    await syncFolders(root, path.dirname(file))
    return size
  } finally {
    await handle.close()
    await rm(draft, { force: true })
  }
}

/** A disk that is nearly full takes a part of a chunk and refuses the next one. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten
}

/** The drafts of a file that have no writer any more. Our own new one tells what the file system's clock says. */
async function removeLeftDrafts(file: string, ownDraft: string): Promise<void> {
  const folder = path.dirname(file)
  const { mtimeMs: nowMs } = await stat(ownDraft)
  for (const name of await readdir(folder)) {
    if (!isDraft(name) || !name.startsWith(path.basename(file))) continue
    await removeLeftDraft(path.join(folder, name), nowMs)
  }
}

/** Removes a draft that nobody has written to for an hour. */
export async function removeLeftDraft(draft: string, nowMs = Date.now()): Promise<void> {
  const found = await stat(draft).catch(() => undefined)
  if (found && found.mtimeMs < nowMs - HOUR_MS) await rm(draft, { force: true })
}

/** Makes the new names survive a power cut, up to the root. Some file systems cannot; the file itself is whole all the same. */
async function syncFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      await using handle = await open(at, 'r')
      await handle.sync()
    } catch {}
    if (at === root || at === path.dirname(at)) return
  }
}
