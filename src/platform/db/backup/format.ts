import { type BackupHeader, backupHeaderSchema } from './header.ts'

// A backup file is, in this order:
//   rapporteur-backup 1⏎          name and version of the format
//   {"about": …}⏎                 the header, one line of JSON
//   gzip                          the rows of each table in the header's order, in COPY's text format: one line a row, and as many
//                                 lines as the header says, so that nothing has to mark where a table ends
//   ⏎sha256 <64 hex digits>⏎      of every byte before it

const NAME = 'rapporteur-backup '
const VERSION = '1'
export const LONGEST_HEADER = 1024 * 1024

/** Every version of the format begins with this; a file that does not was never a backup. */
export const MAGIC = Buffer.from(NAME)

/** Bytes of the checksum line at the end. */
export const TRAILER_LENGTH = '\nsha256 \n'.length + 64

export function encodeHeader(header: BackupHeader): Buffer {
  return Buffer.from(`${NAME}${VERSION}\n${JSON.stringify(header)}\n`)
}

export function encodeTrailer(sha256: string): Buffer {
  return Buffer.from(`\nsha256 ${sha256}\n`)
}

/** Whether the first line names the version of the format that this program writes and reads. */
export function isKnownFormat(start: Buffer): boolean {
  return start.subarray(0, start.indexOf('\n')).toString() === NAME + VERSION
}

/** The header and where the rows begin; undefined if `start`, the beginning of a file, does not hold a whole and right one. */
export function decodeHeader(start: Buffer): { header: BackupHeader; bodyAt: number } | undefined {
  const headerAt = start.indexOf('\n') + 1
  const end = start.indexOf('\n', headerAt)
  if (headerAt === 0 || end < 0) return undefined
  try {
    const header = backupHeaderSchema.parse(JSON.parse(start.subarray(headerAt, end).toString()))
    return { header, bodyAt: end + 1 }
  } catch {
    return undefined
  }
}
