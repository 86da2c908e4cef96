const NEWLINE = 10

/** How many rows end in this piece of COPY's text format, where a newline within a value is written as \n. */
export function countRows(chunk: Buffer): number {
  let rows = 0
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows++
  return rows
}

/** Deals out a stream of rows, so many at a time, holding no more than one chunk. */
export class RowReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer | undefined

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next rows; ends early if there are not that many left. */
  async *take(rows: number): AsyncGenerator<Buffer> {
    let missing = rows
    while (missing > 0) {
      const chunk = await this.#next()
      if (chunk === undefined) return
      let end = 0
      while (missing > 0) {
        const newline = chunk.indexOf(NEWLINE, end)
        if (newline < 0) break
        end = newline + 1
        missing--
      }
      if (missing === 0 && end < chunk.length) this.#rest = chunk.subarray(end)
      yield missing === 0 ? chunk.subarray(0, end) : chunk
    }
  }

  async isAtEnd(): Promise<boolean> {
    this.#rest = await this.#next()
    return this.#rest === undefined
  }

  async #next(): Promise<Buffer | undefined> {
    const rest = this.#rest
    this.#rest = undefined
    if (rest !== undefined) return rest
    const { value, done } = await this.#chunks.next()
    return done ? undefined : value
  }
}
