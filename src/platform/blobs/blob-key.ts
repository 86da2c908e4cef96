const MAX_LENGTH = 300
// Lower case, so that no two keys are one file where capitals do not count; no segment begins with a dot.
const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/

/** The segments of a key. Throws unless there is at least one and each is harmless as a name of a file: a bad key is a bug of ours. */
export function segmentsOf(key: string): string[] {
  const segments = key.split('/')
  if (key.length > MAX_LENGTH || !segments.every((segment) => SEGMENT.test(segment))) {
    throw new Error(`Not the key of a blob: ${JSON.stringify(key.slice(0, MAX_LENGTH))}`)
  }
  return segments
}
