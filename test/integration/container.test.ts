import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

test('what the container is made of is enough to run the program, with the model', async () => {
  const text = await readFile(path.join(root, 'deploy/Containerfile'), 'utf8')
  const copied = [...text.matchAll(/^COPY --from=build \/app\/(\S+) \.\/\S*$/gm)].map(([, name]) => name ?? '')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-container-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of copied) {
    const [from, to] = [path.join(root, name), path.join(folder, name)]
    // Far too large to be copied for this.
    if (name === 'node_modules' || name === 'models') await symlink(from, to)
    else await cp(from, to, { recursive: true })
  }
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: path.join(folder, 'data') }
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['bin/rapporteur.js', ...args], { cwd: folder, env })
  expect((await run('help')).stdout).toContain('doctor')
  expect(copied).toContain('models')
})
