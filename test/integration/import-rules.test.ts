import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findBreaches, importsOf, productWordIn, refusalOf } from '../../scripts/import-rules.js'

const root = path.resolve(import.meta.dirname, '../..')

test('the code keeps the rules of the house', () => {
  expect(findBreaches(root)).toEqual([])
})

test.each([
  ['up a floor', 'src/base/time.ts', '../platform/db/index.ts'],
  ['from a format to machinery', 'src/formats/ogg/ogg-page.ts', '../../platform/http/index.ts'],
  ['from a format to a feature', 'src/formats/opus/opus-packet.ts', '../../features/recordings/index.ts'],
  ['from the base to a format', 'src/base/time.ts', '../formats/time-zones/zone-clock.ts'],
  ['files in a format', 'src/formats/mp4/box.ts', 'node:fs/promises'],
  ['from machinery to a feature', 'src/platform/jobs/queue.ts', '../../features/bots/index.ts'],
  ['from a feature to an entrypoint', 'src/features/bots/bot.ts', '../../entrypoints/web/index.ts'],
  ['forward along the pipeline', 'src/features/calendars/calendar.ts', '../meetings/index.ts'],
  ['past the door of a room', 'src/features/meetings/rules.ts', '../calendars/calendar-store.ts'],
  ['past the door, from above', 'src/entrypoints/cli/start.ts', '../../features/meetings/rules.ts'],
  ['a member past its registry', 'src/features/calendars/connect-calendar.ts', './providers/ics/index.ts'],
  ['SQL outside a store', 'src/features/meetings/rules.ts', 'kysely'],
  ['the queue outside its door', 'src/entrypoints/worker/worker.ts', 'pg-boss'],
  ['hono below the entrypoints', 'src/features/meetings/rules.ts', 'hono/jsx'],
  ['the sandbox in production code', 'src/app.ts', '../sandbox/start-sandbox.ts'],
  ['tests from code', 'src/app.ts', '../test/support/app.ts'],
])('refused: %s', (_what, file, specifier) => {
  expect(refusalOf(file, specifier)).toBeTruthy()
})

test.each([
  ['src/features/bots/schedule-bots.ts', '../meetings/index.ts'],
  ['src/formats/ogg/read-ogg-opus.ts', '../../base/errors.ts'],
  ['src/formats/ogg/read-ogg-opus.ts', '../opus/opus-packet.ts'],
  ['src/formats/fernet/fernet.ts', 'node:crypto'],
  ['src/platform/secrets/encryption.ts', '../../formats/fernet/fernet.ts'],
  ['src/features/recordings/survey-sound.ts', '../../formats/mp4/read-mp4-head.ts'],
  ['src/features/meetings/meeting-store.ts', 'kysely'],
  ['src/entrypoints/web/create-web-app.ts', 'hono'],
  ['src/features/calendars/providers/registry.ts', './ics/index.ts'],
  ['src/features/meetings/rules.test.ts', '../calendars/calendar-store.ts'],
])('allowed: %s imports %s', (file, specifier) => {
  expect(refusalOf(file, specifier)).toBeUndefined()
})

test('a format that speaks of the product is caught, and nothing else is', () => {
  const text = '/** Each bot of a meeting writes one. */'
  expect(productWordIn('src/formats/ogg/ogg-page.ts', text)).toBe('bot')
  expect(productWordIn('src/formats/ogg/ogg-page.ts', '/** Robots need both. */')).toBeUndefined()
  for (const file of ['src/formats/ogg/ogg-opus.test.ts', 'src/features/recordings/recording.ts'])
    expect(productWordIn(file, text)).toBeUndefined()
})

test('every way of importing is seen', () => {
  const source = `import a from './a.ts'
import './b.ts'
export { c } from './c.ts'
import type {
  D,
} from './d.ts'
const e = await import('./e.ts')`
  expect(importsOf(source)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts'])
})

test('the style checker is awake: a planted cycle, default export, enum and process.env are caught', async () => {
  const said = await checkPlanted({
    'one.ts': "import { two } from './two.ts'\nexport default () => two\n",
    'two.ts': "import one from './one.ts'\nexport enum Colour { Red }\nexport const two = [one, process.env.HOME]\n",
  })
  for (const rule of ['noImportCycles', 'noDefaultExport', 'noEnum', 'noProcessEnv']) expect(said).toContain(rule)
})

test('a circle of types is a circle, also over several folders', async () => {
  const said = await checkPlanted({
    'one.ts': "import type { Two } from './deep/two.ts'\n\nexport type One = Two[]\n",
    'deep/two.ts': "export type { Three as Two } from '../three.ts'\n",
    'three.ts': "import type { One } from './one.ts'\n\nexport interface Three {\n  one: One\n}\n",
  })
  for (const file of ['src/one.ts', 'src/deep/two.ts', 'src/three.ts'])
    expect(said).toMatch(new RegExp(`${file}:\\S+ lint/suspicious/noImportCycles`))
})

/** What the style checker says of some files below `src`. */
async function checkPlanted(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-planted-'))
  try {
    const { vcs: _, $schema: __, ...rules } = JSON.parse(await readFile(path.join(root, 'biome.json'), 'utf8'))
    await writeFile(path.join(folder, 'biome.json'), JSON.stringify(rules))
    for (const [name, source] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, 'src', name)), { recursive: true })
      await writeFile(path.join(folder, 'src', name), source)
    }
    return run(folder, path.join(root, 'node_modules/.bin/biome'), ['check', '--max-diagnostics=50', '.'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('the check for dead code is awake: a value and a type that tests alone keep alive are caught, and so is a file', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-dead-'))
  try {
    const { $schema: _, ...rules } = JSON.parse(await readFile(path.join(root, 'knip.production.json'), 'utf8'))
    await writeFile(path.join(folder, 'knip.production.json'), JSON.stringify(rules))
    await writeFile(path.join(folder, 'package.json'), '{ "name": "planted", "type": "module" }')
    await mkdir(path.join(folder, 'src'))
    const plant = (name: string, text: string) => writeFile(path.join(folder, 'src', name), text)
    await plant('main.ts', "import { lives } from './part.ts'\nlives()\n")
    await plant('part.ts', 'export const lives = () => 1\nexport const dies = 2\nexport type Forgotten = 3\n')
    await plant('alone.ts', 'export const alone = 4\n')
    await plant(
      'part.test.ts',
      "import { alone } from './alone.ts'\nimport { dies, type Forgotten } from './part.ts'\n",
    )
    const knip = path.join(root, 'node_modules/.bin/knip')
    const said = run(folder, knip, ['--production', '--config', 'knip.production.json'])
    for (const dead of ['dies', 'Forgotten', 'alone.ts']) expect(said).toContain(dead)
    expect(said).not.toContain('lives')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** What a program that is expected to fail says. */
function run(cwd: string, program: string, args: readonly string[]): string {
  try {
    execFileSync(program, [...args], { cwd, stdio: 'pipe' })
    return 'nothing was found'
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer }
    return `${stdout}${stderr}`
  }
}
