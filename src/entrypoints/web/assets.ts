import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readBundle } from '../../platform/bundles/index.ts'

/** A file that pages refer to. Its name changes with its content, so that it may be kept for ever. */
interface Asset {
  path: string
  contentType: string
  body: string
}

const byPath = new Map<string, Asset>()

/** Every file that pages refer to by themselves; no folder is served. */
export const assets = {
  style: loadFile('style.css', 'text/css; charset=utf-8'),
  transcriptStyle: loadFile('transcript.css', 'text/css; charset=utf-8'),
  icon: loadFile('icon.svg', 'image/svg+xml'),
  transcriptScript: await loadScript('transcript'),
} as const

export function findAsset(path: string): Asset | undefined {
  return byPath.get(path)
}

function loadFile(name: string, contentType: string): Asset {
  return keep(name, contentType, readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8'))
}

/** A script of client/. */
async function loadScript(name: string): Promise<Asset> {
  const body = await readBundle(new URL(`./client/${name}.bundle.ts`, import.meta.url))
  return keep(`${name}.js`, 'text/javascript; charset=utf-8', body)
}

function keep(name: string, contentType: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const dot = name.lastIndexOf('.')
  const asset = { path: `/assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, contentType, body }
  byPath.set(asset.path, asset)
  return asset
}
