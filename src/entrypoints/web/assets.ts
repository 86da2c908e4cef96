import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

/** A file that pages refer to. Its name changes with its content, so that it may be kept for ever. */
export interface Asset {
  path: string
  contentType: string
  body: string
}

const byPath = new Map<string, Asset>()
const scripts = new Map<string, Asset>()

/** Every file that pages refer to by themselves; no folder is served. */
export const assets = {
  style: loadFile('style.css', 'text/css; charset=utf-8'),
  transcriptStyle: loadFile('transcript.css', 'text/css; charset=utf-8'),
  icon: loadFile('icon.svg', 'image/svg+xml'),
  transcriptScript: loadScript('transcript'),
} as const

/** The modules that the transcript page's script is made of, itself included, to be fetched at once. */
export const scriptPaths: readonly string[] = [...scripts.values()].map((script) => script.path)

export function findAsset(path: string): Asset | undefined {
  return byPath.get(path)
}

function loadFile(name: string, contentType: string): Asset {
  return keep(name, contentType, readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8'))
}

/** One module of client/ and, first, those that it imports: their names with hashes are written into it. */
function loadScript(name: string): Asset {
  const known = scripts.get(name)
  if (known) return known
  const body = readScript(name).replace(
    /(\bfrom\s*)['"]\.\/([a-z-]+)\.[jt]s['"]/g,
    (_, from: string, imported: string) => `${from}'${loadScript(imported).path}'`,
  )
  const script = keep(`${name}.js`, 'text/javascript; charset=utf-8', body)
  scripts.set(name, script)
  return script
}

/** What the build made of a module; where the sources themselves run, as in tests, the module without its types. */
function readScript(name: string): string {
  const isBuilt = import.meta.url.endsWith('.js')
  const source = readFileSync(new URL(`./client/${name}.${isBuilt ? 'js' : 'ts'}`, import.meta.url), 'utf8')
  return isBuilt ? source.replace(/^\/\/# sourceMappingURL=.*$/m, '') : stripTypeScriptTypes(source)
}

function keep(name: string, contentType: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const dot = name.lastIndexOf('.')
  const asset = { path: `/assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, contentType, body }
  byPath.set(asset.path, asset)
  return asset
}
