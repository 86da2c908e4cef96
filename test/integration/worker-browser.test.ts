import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createTestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { startWorkerProcess, workerSecrets } from '../support/worker-process.ts'

const hasPackage = process.platform === 'linux' && process.arch === 'x64'

test.skipIf(!hasPackage)(
  'a worker has its browser unpacked before its first meeting (skipped off Linux on x64)',
  async () => {
    await using world = await createTestApp({ env: workerSecrets })
    await using worker = await startWorkerProcess(world.databaseUrl, { CHROMIUM_PATH: 'packaged' })
    const folder = path.join(path.dirname(worker.temporary), 'data', 'browser')
    await until(
      async () => (await readdir(folder).catch(() => [])).map((name) => path.join(folder, name, 'unpacked.json')),
      // While it is unpacked its folder has another name.
      (files) => files.some((file) => /chromium-[\d.]+\/unpacked\.json$/.test(file) && existsSync(file)),
    )
    expect(worker.hosts()).toEqual([])
  },
)
