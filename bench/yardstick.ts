import { createHash } from 'node:crypto'
import { timed } from './figure.ts'

/** Something that only the speed of one core decides, SHA-256 of 256 MB, in seconds. */
export async function hashForAWhile(): Promise<number> {
  const block = Buffer.alloc(16 * 1024 * 1024, 7)
  const { ms } = await timed(async () => {
    const hash = createHash('sha256')
    for (let i = 0; i < 16; i++) hash.update(block)
    hash.digest()
  })
  return ms / 1_000
}
