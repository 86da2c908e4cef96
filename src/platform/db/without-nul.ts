/**
 * The values of a statement as PostgreSQL can store them: it takes no text with a NUL, wherever one came from, and answers 22021 however often
 * it is asked. U+FFFD stands in its place, as it does for what is no Unicode. In JSON a NUL is written `\\u0000`.
 */
export function withoutNul(values: readonly unknown[]): readonly unknown[] {
  return values.some(holdsNul) ? values.map(replaceNul) : values
}

const WRITTEN = '\\u0000'
// An even number of backslashes before it, or it is a text that speaks of one.
const WRITTEN_NUL = /(?<!\\)((?:\\\\)*)\\u0000/g

function holdsNul(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsNul)
  return typeof value === 'string' && (value.includes('\0') || (isJson(value) && value.includes(WRITTEN)))
}

function replaceNul(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replaceNul)
  if (typeof value !== 'string') return value
  const plain = value.replaceAll('\0', '\uFFFD')
  return isJson(value) ? plain.replace(WRITTEN_NUL, '$1\\ufffd') : plain
}

function isJson(text: string): boolean {
  return text.startsWith('{') || text.startsWith('[') || text.startsWith('"')
}
