/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  start: number
  end: number
}

/** Large things under names. A name's contents never change once they are there: what is different is another name. */
export interface BlobStore {
  /**
   * Stores everything that comes, and answers its length once it cannot be lost any more. Until then, and if `content` throws, the key
   * holds what it held before. A key that is taken is replaced. Throws `media_disk_full` or `media_not_writable`.
   */
  put(key: string, content: AsyncIterable<Uint8Array>): Promise<number>
  /** The contents or a part of them, read as they are asked for. Throws `blob_missing` with the first step if there are none. */
  open(key: string, range?: ByteRange): AsyncIterable<Uint8Array>
  /** Length in bytes; undefined if there is no such key. */
  size(key: string): Promise<number | undefined>
  /** May run twice. */
  delete(key: string): Promise<void>
  /** The keys below a folder, such as `recordings/1234/`, in no order. */
  list(folder: string): Promise<string[]>
  /** Removes what was begun and never finished, because its writer died. Never touches what somebody may still be writing. */
  removeLeftDrafts(): Promise<void>
}
