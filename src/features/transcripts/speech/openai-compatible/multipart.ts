import { randomUUID } from 'node:crypto'

/** A form with one file, as one body of bytes: the HTTP client takes no streams, so that it can tell their length. */
export function encodeMultipart(
  fields: Readonly<Record<string, string>>,
  file: { field: string; name: string; contentType: string; bytes: Uint8Array },
): { contentType: string; body: Uint8Array } {
  const boundary = `rapporteur-${randomUUID()}`
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.name}"\r\nContent-Type: ${file.contentType}\r\n\r\n`
  const body = Buffer.concat([
    Buffer.from(parts.join('') + fileHead),
    file.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  return { contentType: `multipart/form-data; boundary=${boundary}`, body }
}
