// What runs in browsers is written as modules and served as one script: each `.bundle.ts` with all that it imports.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { buildSync, stop } from 'esbuild'

/** What a bundle's file exports, its script has as `bundle`. The same words as in the sources, so that an error can be read. */
const options = { bundle: true, format: 'iife', globalName: 'bundle', target: 'es2023', legalComments: 'none' }

/** One bundle, by the path of its source. */
export function makeBundle(source) {
  const { outputFiles } = buildSync({ ...options, entryPoints: [source], write: false, logLevel: 'error' })
  // It would keep a process of its own for the next one.
  void stop()
  return outputFiles[0].text
}

/** Writes every bundle below src/ into a folder, at the same place there. */
export function writeBundles(root, folder) {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.bundle.ts'))
  const entryPoints = sources.map((name) => path.join(root, 'src', name))
  buildSync({ ...options, entryPoints, outbase: root, outdir: path.join(root, folder), logLevel: 'error' })
}
