import { chmod, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findBrowser } from './find-browser.ts'
import { launchBrowser } from './launch-browser.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rapporteur-browser-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function makeProgram(name: string): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, '#!/bin/sh\nexit 3\n')
  await chmod(file, 0o755)
  return file
}

test('the configured browser is used, and a wrong path is said instead of another browser being taken', async () => {
  const file = await makeProgram('my-browser')
  expect(await findBrowser({ configuredPath: file })).toEqual({ path: file, source: 'configured' })
  await expect(findBrowser({ configuredPath: `${file}-gone` })).rejects.toMatchObject({
    code: 'browser_missing',
    message: expect.stringContaining(`CHROMIUM_PATH is ${file}-gone`),
  })
})

test('an installed browser is found by its name, one without windows before others, in whatever folder', async () => {
  const file = await makeProgram('google-chrome')
  const searchPath = `/nowhere:${folder}:${path.join(folder, 'bin')}`
  expect(await findBrowser({ searchPath })).toEqual({ path: file, source: 'installed' })
  await mkdir(path.join(folder, 'bin'))
  const shell = await makeProgram('bin/chromium-headless-shell')
  expect(await findBrowser({ searchPath })).toEqual({ path: shell, source: 'installed' })
})

test('where the packaged browser is asked for, no installed one is taken', async () => {
  await makeProgram('chromium')
  await expect(findBrowser({ configuredPath: 'packaged', searchPath: folder })).rejects.toMatchObject({
    code: 'browser_missing',
    message: expect.stringContaining('CHROMIUM_PATH is packaged'),
  })
})

test('without any browser it says what to do', async () => {
  await expect(findBrowser({ searchPath: folder })).rejects.toMatchObject({
    code: 'browser_missing',
    message: expect.stringMatching(/apt-get install chromium.*CHROMIUM_PATH/),
  })
})

test('a program that is no browser is named, with why it does not start', async () => {
  const browser = { path: await makeProgram('chromium'), source: 'installed' } as const
  await expect(launchBrowser({ browser })).rejects.toMatchObject({
    code: 'browser_broken',
    message: expect.stringContaining(browser.path),
  })
})

const hasPackage = process.platform === 'linux' && process.arch === 'x64'
test.skipIf(!hasPackage)(
  'the packaged browser is unpacked once, starts, and is unpacked anew where it is damaged (skipped off Linux on x64)',
  async () => {
    const options = { configuredPath: 'packaged', dataDir: folder }
    const found = await findBrowser(options)
    expect(found.source).toBe('packaged')
    const before = await stat(found.path)
    expect(await findBrowser(options)).toEqual(found)
    expect((await stat(found.path)).mtimeMs).toBe(before.mtimeMs)
    {
      await using running = await launchBrowser({ browser: found })
      expect(running.version).toMatch(/^\d+\./)
    }
    await truncate(found.path, 1_000)
    await findBrowser(options)
    expect((await stat(found.path)).size).toBe(before.size)
  },
)

test.skipIf(!hasPackage)(
  'whoever asks while it is unpacked waits for the same (skipped off Linux on x64)',
  async () => {
    const options = { searchPath: '/nowhere', dataDir: folder }
    let isDone = false
    const all = Promise.all([findBrowser(options), findBrowser(options), findBrowser(options)]).finally(() => {
      isDone = true
    })
    let most = 0
    while (!isDone) {
      const entries = await readdir(path.join(folder, 'browser')).catch(() => [])
      most = Math.max(most, entries.length)
      await new Promise(setImmediate)
    }
    const [first, ...others] = await all
    expect(most).toBe(1)
    expect(others).toEqual([first, first])
  },
)

test('a data folder without room for it is said', async () => {
  await mkdir(path.join(folder, 'data'))
  await writeFile(path.join(folder, 'data', 'browser'), 'in the way')
  await expect(findBrowser({ searchPath: '/nowhere', dataDir: path.join(folder, 'data') })).rejects.toMatchObject({
    code: 'browser_missing',
    message: expect.stringContaining(hasPackage ? 'could not be unpacked' : 'No browser was found'),
  })
})
