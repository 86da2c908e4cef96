const BLOCK = 512

/** A file in an archive. */
interface TarFile {
  name: string
  content: Buffer
}

/** The plain files of a tar archive. Names that lead out of the folder they are unpacked into are refused. */
export function readTar(archive: Buffer): TarFile[] {
  const files: TarFile[] = []
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK)
    const name = textOf(header, 0, 100)
    if (name === '') break
    const size = Number.parseInt(textOf(header, 124, 12), 8)
    const type = textOf(header, 156, 1)
    const start = at + BLOCK
    if (!Number.isInteger(size) || start + size > archive.length) throw new Error(`A tar archive is damaged at ${name}`)
    if (name.startsWith('/') || name.split('/').includes('..')) throw new Error(`A tar archive wants to write ${name}`)
    if (type === '' || type === '0') files.push({ name, content: archive.subarray(start, start + size) })
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}

function textOf(header: Buffer, from: number, length: number): string {
  const bytes = header.subarray(from, from + length)
  const end = bytes.indexOf(0)
  return bytes
    .subarray(0, end < 0 ? length : end)
    .toString('utf8')
    .trim()
}
