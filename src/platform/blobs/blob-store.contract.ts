import { expect, test } from 'vitest'
import type { BlobStore } from './blob-store.ts'

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** What every store of blobs has to do. */
export function describeBlobStore(open: () => Promise<BlobStore>): void {
  test('what was put is read, whole and in part', async () => {
    const blobs = await open()
    expect(await blobs.put('a/one.bin', chunksOf('hello ', '', 'world'))).toBe(11)
    expect(await blobs.size('a/one.bin')).toBe(11)
    expect(await textOf(blobs.open('a/one.bin'))).toBe('hello world')
    expect(await textOf(blobs.open('a/one.bin', { start: 4, end: 7 }))).toBe('o w')
    expect(await textOf(blobs.open('a/one.bin', { start: 4, end: 4 }))).toBe('')
    expect(await textOf(blobs.open('a/one.bin', { start: 6, end: 100 }))).toBe('world')
  })

  test('an empty blob is one too', async () => {
    const blobs = await open()
    expect(await blobs.put('a/empty', chunksOf())).toBe(0)
    expect(await blobs.size('a/empty')).toBe(0)
    expect(await textOf(blobs.open('a/empty'))).toBe('')
  })

  test('what is not there has no size, fails when read and can be deleted', async () => {
    const blobs = await open()
    expect(await blobs.size('a/none')).toBeUndefined()
    await expect(textOf(blobs.open('a/none'))).rejects.toMatchObject({ code: 'blob_missing' })
    await blobs.delete('a/none')
    expect(await blobs.list('a/')).toEqual([])
  })

  test('content that fails leaves what was there, and nothing beside it', async () => {
    const blobs = await open()
    await blobs.put('a/one', chunksOf('before'))
    const failing = async function* () {
      yield Buffer.from('half')
      throw new Error('the source broke')
    }
    await expect(blobs.put('a/one', failing())).rejects.toThrow('the source broke')
    await expect(blobs.put('a/two', failing())).rejects.toThrow('the source broke')
    expect(await textOf(blobs.open('a/one'))).toBe('before')
    expect(await blobs.list('a/')).toEqual(['a/one'])
  })

  test('a key that is taken is replaced, also by two at once, by one of them as a whole', async () => {
    const blobs = await open()
    await blobs.put('a/one', chunksOf('before'))
    await Promise.all([blobs.put('a/one', chunksOf('x', 'x')), blobs.put('a/one', chunksOf('y', 'y'))])
    expect(['xx', 'yy']).toContain(await textOf(blobs.open('a/one')))
    expect(await blobs.list('a')).toEqual(['a/one'])
  })

  test('the keys of one folder are listed, and a deleted one is gone', async () => {
    const blobs = await open()
    for (const key of ['a/b/one', 'a/b/c/two', 'a/bc/three']) await blobs.put(key, chunksOf('x'))
    expect((await blobs.list('a/b/')).toSorted()).toEqual(['a/b/c/two', 'a/b/one'])
    await blobs.delete('a/b/one')
    expect(await blobs.list('a/b/')).toEqual(['a/b/c/two'])
  })

  test.each([
    '',
    '/',
    '../x',
    'a/../x',
    'a//b',
    '/etc/passwd',
    'a/.hidden',
    'A/B',
    'a\\b',
    'a\0b',
    'a/',
    'x'.repeat(301),
  ])('the key %j is refused', async (key) => {
    const blobs = await open()
    await expect(blobs.put(key, chunksOf('x'))).rejects.toThrow('Not the key of a blob')
    await expect(blobs.size(key)).rejects.toThrow('Not the key of a blob')
    await expect(blobs.delete(key)).rejects.toThrow('Not the key of a blob')
    expect(() => blobs.open(key)).toThrow('Not the key of a blob')
  })
}
