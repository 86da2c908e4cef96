import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { defaultModelDir, fetchModel, verifyModel } from './model-files.ts'

const problems = await verifyModel(defaultModelDir)

test('a folder without a model is said file by file, with what to do', async () => {
  const modelDir = await temporaryFolder()
  const said = await verifyModel(modelDir)
  expect(said).toHaveLength(3)
  expect(said[0]).toContain(path.join(modelDir, 'moonshine-tiny/encoder_model.onnx'))
  for (const problem of said) expect(problem).toMatch(/is missing\. Run `npx rapporteur fetch-model`\.$/)
})

test.skipIf(problems.length > 0)(`a damaged file is said, and nothing else ${problems.join(' ')}`, async () => {
  const modelDir = await temporaryFolder()
  await cp(defaultModelDir, modelDir, { recursive: true })
  await writeFile(path.join(modelDir, 'silero-vad.onnx'), 'half')
  expect(await verifyModel(modelDir)).toEqual([expect.stringMatching(/damaged: .*silero-vad\.onnx.*fetch-model/)])
})

test.skipIf(problems.length > 0)(`with the model there, nothing is fetched ${problems.join(' ')}`, async () => {
  const fetchTarball = () => Promise.reject(new Error('asked'))
  expect(await fetchModel({ fetchTarball })).toEqual({ outcome: 'present', reason: '' })
})

test('a package with other contents than were pinned is refused and leaves nothing behind', async () => {
  const modelDir = await temporaryFolder()
  const result = await fetchModel({ modelDir, fetchTarball: async () => Buffer.from('something else') })
  expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('is not the one') })
  expect(await readdir(modelDir)).toEqual([])
})

test('a registry that cannot be reached is a result, not an exception', async () => {
  const modelDir = await temporaryFolder()
  const result = await fetchModel({ modelDir, fetchTarball: () => Promise.reject(new Error('no network\nat all')) })
  const reason = 'no network Run `npx rapporteur fetch-model` to try again.'
  expect(result).toEqual({ outcome: 'failed', reason })
})

test('an installation without network succeeds and says in one line that the model is missing', async () => {
  const root = await temporaryFolder()
  await mkdir(path.join(root, 'scripts'))
  const script = path.join(root, 'scripts/fetch-model.mjs')
  await cp(fileURLToPath(new URL('../../../../scripts/fetch-model.js', import.meta.url)), script)
  const { npm_execpath: _, npm_config_local_prefix: __, ...rest } = process.env
  const env = { ...rest, npm_config_registry: 'http://127.0.0.1:1', npm_config_cache: path.join(root, 'cache') }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: root, env, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
  expect(stderr).toMatch(/^The speech model is not here yet: [^\n]+fetch-model` to try again\.\n$/)
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-model-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
