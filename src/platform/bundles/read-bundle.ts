import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const read = new Map<string, Promise<string>>()

/**
 * A script for browsers, of a `.bundle.ts` and all that it imports, by the address of that file. What the file exports, the script has as `bundle`.
 * It is what the build made; where the sources themselves run, as in tests, it is made now.
 */
export function readBundle(source: URL): Promise<string> {
  const known = read.get(source.href)
  if (known !== undefined) return known
  const isBuilt = import.meta.url.endsWith('.js')
  const text = isBuilt ? readFile(new URL(source.href.replace(/\.ts$/, '.js')), 'utf8') : makeBundle(source)
  read.set(source.href, text)
  return text
}

async function makeBundle(source: URL): Promise<string> {
  const { makeBundle: make } = await import('#bundles')
  return make(fileURLToPath(source))
}
