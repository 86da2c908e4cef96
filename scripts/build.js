// Compiles src/ and sandbox/ into dist/, bundles what runs in browsers, and copies what is not code beside it. Incremental: nothing changed costs well under a second.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The compiler's own script, wherever npm put it; none in an installation without development packages. */
function findCompiler() {
  try {
    const require = createRequire(import.meta.url)
    return path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  } catch {
    return undefined
  }
}

const compiler = findCompiler()
if (!compiler) {
  if (existsSync(path.join(root, 'dist/src/main.js'))) process.exit(0)
  console.error(
    'There is no TypeScript compiler here. Run `npm install` (with development packages), then `npm run build`.',
  )
  process.exit(1)
}
const result = spawnSync(process.execPath, [compiler, '-p', path.join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
})
if (result.status !== 0) process.exit(result.status ?? 1)

// Loaded only now: an installation without development packages has neither it nor the compiler.
const { writeBundles } = await import('./bundles.js')
writeBundles(root, 'dist')

/** Folders of plain files that the compiled code reads beside itself. */
const assetFolders = ['src/entrypoints/web/assets', 'sandbox/room/assets', 'sandbox/voices/clips']
for (const folder of assetFolders) {
  const from = path.join(root, folder)
  if (existsSync(from) && readdirSync(from).length > 0)
    cpSync(from, path.join(root, 'dist', folder), { recursive: true })
}
