import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { blobMissing, isNotThere, translateDiskError } from './blob-errors.ts'
import { segmentsOf } from './blob-key.ts'
import type { BlobStore, ByteRange } from './blob-store.ts'
import { isDraft, removeLeftDraft, writeWhole } from './write-whole.ts'

/** Blobs as files below a folder, which is made when first needed, for its owner only. */
export function createDiskBlobs(folder: string): BlobStore {
  const fileOf = (key: string) => path.join(folder, ...segmentsOf(key))
  return {
    async put(key, content) {
      return writeWhole({ root: folder, file: fileOf(key) }, content)
    },
    open: (key, range) => readPart(key, fileOf(key), range),
    async size(key) {
      try {
        return (await stat(fileOf(key))).size
      } catch (error) {
        if (isNotThere(error)) return undefined
        throw translateDiskError(error, folder)
      }
    },
    async delete(key) {
      await rm(fileOf(key), { force: true }).catch((error) => {
        throw translateDiskError(error, folder)
      })
    },
    async removeLeftDrafts() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
        if (isNotThere(error)) return []
        throw translateDiskError(error, folder)
      })
      for (const entry of entries)
        if (isDraft(entry.name)) await removeLeftDraft(path.join(entry.parentPath, entry.name))
    },
    async list(prefix) {
      const below = fileOf(prefix.replace(/\/$/, ''))
      const entries = await readdir(below, { recursive: true, withFileTypes: true }).catch((error) => {
        if (isNotThere(error)) return []
        throw translateDiskError(error, folder)
      })
      return entries
        .filter((entry) => entry.isFile() && !isDraft(entry.name))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    },
  }
}

async function* readPart(key: string, file: string, range: ByteRange | undefined): AsyncGenerator<Uint8Array> {
  if (range && range.end <= range.start) return
  // Node's `end` is the last byte itself.
  const stream = createReadStream(file, range ? { start: range.start, end: range.end - 1 } : {})
  try {
    yield* stream as AsyncIterable<Uint8Array>
  } catch (error) {
    throw isNotThere(error) ? blobMissing(key) : error
  }
}
