import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file that pages refer to. Its name changes with its content, so that it may be kept for ever. */
export interface Asset {
  path: string
  contentType: string
  body: string
}

/** Every file there is; no folder is served. */
export const assets = {
  style: loadAsset('style.css', 'text/css; charset=utf-8'),
  icon: loadAsset('icon.svg', 'image/svg+xml'),
} as const

const byName = new Map(Object.values(assets).map((asset) => [asset.path, asset]))

export function findAsset(path: string): Asset | undefined {
  return byName.get(path)
}

function loadAsset(name: string, contentType: string): Asset {
  const body = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const dot = name.lastIndexOf('.')
  return { path: `/assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, contentType, body }
}
