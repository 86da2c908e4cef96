import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { newId } from '../../../base/ids.ts'
import { fileExists, notWritable, writeFailure } from './errors.ts'
import { encodeTrailer } from './format.ts'

interface Destination {
  target: string
  /** Written beside the target and renamed when whole; undefined for a device or pipe, which can only be written as it is. */
  draft: string | undefined
  overwrite: boolean
}

/**
 * A backup being written: under another name, readable by its owner only, and under its own name once it is whole and on the disk. Until
 * `finish` nothing that was there before is touched, and without it nothing is left behind. Its failures are `AppError`s.
 */
export class BackupFile implements AsyncDisposable {
  readonly #destination: Destination
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  #bytes = 0
  #isFinished = false

  private constructor(destination: Destination, handle: FileHandle) {
    this.#destination = destination
    this.#handle = handle
  }

  static async create(file: string, overwrite: boolean): Promise<BackupFile> {
    try {
      const destination = await chooseDestination(path.resolve(file), overwrite)
      const { draft, target } = destination
      const handle = draft ? await open(draft, 'wx', 0o600) : await open(target, constants.O_WRONLY)
      return new BackupFile(destination, handle)
    } catch (error) {
      throw writeFailure(file, error)
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk)
    try {
      // A disk that is nearly full takes a part of a chunk and refuses the next one.
      for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten
    } catch (error) {
      throw writeFailure(this.#destination.target, error)
    }
    this.#bytes += chunk.length
  }

  async finish(): Promise<void> {
    const { target, draft, overwrite } = this.#destination
    await this.write(encodeTrailer(this.#hash.copy().digest('hex')))
    try {
      if (draft !== undefined) {
        await this.#handle.sync()
        if (!overwrite && (await statIfThere(target))) throw fileExists(target)
        await rename(draft, target)
        await syncFolder(path.dirname(target))
      }
      this.#isFinished = true
    } catch (error) {
      throw writeFailure(target, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isFinished && this.#destination.draft) await rm(this.#destination.draft, { force: true })
    await this.#handle.close()
  }
}

async function chooseDestination(file: string, overwrite: boolean): Promise<Destination> {
  const found = await statIfThere(file)
  if (found === undefined) return { target: file, draft: draftOf(file), overwrite }
  if (found.isCharacterDevice() || found.isFIFO()) return { target: file, draft: undefined, overwrite }
  if (!found.isFile()) throw notWritable(file, found.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  if (!overwrite) throw fileExists(file)
  // What a link points to is replaced, not the link.
  const target = await realpath(file)
  return { target, draft: draftOf(target), overwrite }
}

function draftOf(file: string): string {
  return `${file}.${newId()}.partial`
}

async function statIfThere(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the new name itself survive a power cut. Some file systems cannot, and then the backup is still whole. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r')
    await handle.sync()
  } catch {}
}
