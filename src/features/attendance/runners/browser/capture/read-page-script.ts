import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'

/** What runs in the page, each after those it uses. */
const FILES = [
  '../../../../formats/opus/packet-length',
  'block',
  'energy-gate',
  'decimate',
  'mix-blocks',
  'encode-blocks',
  'read-track',
  'watch-connections',
  'outbox',
  'capture',
]
const folder = new URL('../../../platforms/page/', import.meta.url)
const isCompiled = import.meta.url.endsWith('.js')

/** The scripts of `platforms/page` as the inside of one function: their declarations, without imports and exports. */
export async function readPageScript(): Promise<string> {
  const texts = await Promise.all(FILES.map(readScript))
  return texts.map((text) => text.replaceAll(/^import\b[^\n]*$/gm, '').replaceAll(/^export /gm, '')).join('\n')
}

async function readScript(name: string): Promise<string> {
  const text = await readFile(new URL(`${name}.${isCompiled ? 'js' : 'ts'}`, folder), 'utf8')
  return isCompiled ? text.replace(/^\/\/# sourceMappingURL.*$/m, '') : stripTypeScriptTypes(text)
}
