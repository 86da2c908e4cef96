import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { migrations } from '../migrations/index.ts'
import { damaged, newerBackup, notABackup, readFailure } from './errors.ts'
import { decodeHeader, encodeTrailer, isKnownFormat, LONGEST_HEADER, MAGIC, TRAILER_LENGTH } from './format.ts'
import type { BackupHeader } from './header.ts'

/** A backup whose every byte was checked. The file stays open, so that what is loaded is what was checked. */
export interface OpenBackup extends AsyncDisposable {
  /** Absolute, for messages. */
  file: string
  header: BackupHeader
  bytes: number
  /** The rows of all tables, one after the other. */
  readRows(): AsyncIterable<Buffer>
}

/** Reads the whole file to check it. Throws `file_not_readable`, `not_a_backup`, `backup_damaged` or `schema_mismatch`. */
export async function openBackup(name: string): Promise<OpenBackup> {
  const file = path.resolve(name)
  const handle = await open(file, 'r').catch((error) => {
    throw readFailure(file, error)
  })
  try {
    const { header, bodyAt, bytes } = await check(handle, file)
    const readRows = inflate.bind(undefined, handle, bodyAt, bytes - TRAILER_LENGTH)
    return { file, header, bytes, readRows, [Symbol.asyncDispose]: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw readFailure(file, error)
  }
}

async function check(
  handle: FileHandle,
  file: string,
): Promise<{ header: BackupHeader; bodyAt: number; bytes: number }> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw notABackup(file, stats.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  const bytes = stats.size
  const start = await readAt(handle, 0, Math.min(bytes, LONGEST_HEADER))
  if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw notABackup(file, 'it begins with something else')
  if (!isKnownFormat(start)) throw newerBackup(file, 'an unknown format')
  const trailer = await readAt(handle, Math.max(bytes - TRAILER_LENGTH, 0), TRAILER_LENGTH)
  const checked = bytes - TRAILER_LENGTH
  if (checked <= 0 || !trailer.equals(encodeTrailer(await hashUpTo(handle, checked))))
    throw damaged(file, 'its checksum is missing or wrong')
  const decoded = decodeHeader(start)
  if (decoded === undefined) throw damaged(file, 'its header cannot be read')
  if (!(decoded.header.schemaVersion in migrations))
    throw newerBackup(file, `its schema is ${decoded.header.schemaVersion}`)
  return { ...decoded, bytes }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function hashUpTo(handle: FileHandle, end: number): Promise<string> {
  const hash = createHash('sha256')
  const bytes = handle.createReadStream({ start: 0, end: end - 1, autoClose: false, highWaterMark: 262_144 })
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

async function* inflate(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 65_536 })
  // A failure of either stream arrives where the rows are read.
  pipeline(handle.createReadStream({ start, end: end - 1, autoClose: false }), gunzip).catch(() => {})
  yield* gunzip
}
