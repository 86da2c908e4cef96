import { expect, test } from 'vitest'
import { readTar } from './read-tar.ts'

test('an archive that would write elsewhere, or is cut off, is refused', () => {
  expect(() => readTar(tarOf('../evil', 'x'))).toThrow('../evil')
  expect(() => readTar(tarOf('/etc/passwd', 'x'))).toThrow('/etc/passwd')
  expect(() => readTar(tarOf('good', 'x').subarray(0, 512))).toThrow('damaged')
  expect(readTar(tarOf('good', 'x'))).toEqual([{ name: 'good', content: Buffer.from('x') }])
})

function tarOf(name: string, content: string): Buffer {
  const archive = Buffer.alloc(2_048)
  archive.write(name, 0)
  archive.write(content.length.toString(8).padStart(11, '0'), 124)
  archive.write('0', 156)
  archive.write(content, 512)
  return archive
}
