export type { BlobStore, ByteRange } from './blob-store.ts'
export { createDiskBlobs } from './disk-blobs.ts'
