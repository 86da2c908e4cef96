const LEAST_BYTES = 16

/**
 * What makes a secret of ours easy to find out by trying, as the end of a sentence that begins with its name; undefined where nothing does.
 * Whoever has one thing that was signed with it can try without asking us.
 */
export function weaknessOf(secret: string): string | undefined {
  const bytes = Buffer.byteLength(secret, 'utf8')
  if (bytes < LEAST_BYTES) return `has ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}, and ${LEAST_BYTES} are the least`
  return new Set(secret).size === 1 ? 'is one character repeated' : undefined
}
