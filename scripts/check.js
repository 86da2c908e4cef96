// Everything that is checked before a change lands, except the tests. Quiet when all is well.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBreaches } from './import-rules.js'
import { findTableBreaches } from './table-rules.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => path.join(root, 'node_modules', '.bin', name)
const require = createRequire(import.meta.url)
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')

/** Runs a program; answers its name and what it said if it failed. */
function run(name, command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    child.on('error', (error) => resolve({ name, problem: String(error) }))
    child.on('close', (status) => resolve({ name, problem: status === 0 ? undefined : said }))
  })
}

function checkRules(name, breaches) {
  return { name, problem: breaches.length > 0 ? breaches.join('\n') : undefined }
}

function checkVersion() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const said = readFileSync(path.join(root, 'src/base/version.ts'), 'utf8')
  return {
    name: 'version',
    problem: said.includes(`'${version}'`) ? undefined : `src/base/version.ts is not ${version}`,
  }
}

const results = await Promise.all([
  run('types', process.execPath, [tsc, '--noEmit', '-p', root]),
  run('style', bin('biome'), ['check', '--error-on-warnings', '.']),
  run('unused', bin('knip'), []),
  // What tests alone keep alive.
  run('unused in production', bin('knip'), ['--production', '--config', 'knip.production.json']),
  run('generated files', bin('tsx'), ['scripts/generate-docs.ts', '--check']),
  checkRules('imports', findBreaches(root)),
  checkRules('tables', findTableBreaches(root)),
  checkVersion(),
])
for (const { name, problem } of results)
  console.log(problem === undefined ? `ok    ${name}` : `FAIL  ${name}\n${problem}`)
process.exitCode = results.some(({ problem }) => problem !== undefined) ? 1 : 0
