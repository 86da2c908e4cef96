import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { providerNames } from '../../src/features/calendars/index.ts'

const root = path.resolve(import.meta.dirname, '../..')
const PROVIDERS = 'src/features/calendars/providers'

/** Where a provider's name may stand besides its own folder, and why. A new provider needs none of these but its line and its settings. */
const allowed: readonly [file: string, why: string][] = [
  [`${PROVIDERS}/registry.ts`, 'the line that names it'],
  ['src/platform/config/', 'its settings'],
  ['src/platform/db/migrations/', 'what was written once is never changed'],
  ['src/entrypoints/cli/configured-calendars.ts', 'the setting ICS_CALENDARS, which names its provider'],
  [`${PROVIDERS}/ics/`, 'feeds carry properties of those who wrote them: X-GOOGLE-…'],
  ['src/features/meetings/links/', 'links lead to hosts of many services'],
  ['src/features/meetings/wish.ts', 'UIDs stand in everybody’s copies as their first calendar wrote them'],
  ['src/platform/browser/find-browser.ts', 'a browser of that name'],
]

/** What bears a provider's name and is something else: a platform for meetings, the ending of a file, what people type. */
const OTHER_THINGS = /google[_ ]?meet|meet\.google\.com|[\w\\]\.ics(?![.\w])|\badd ics\b/gi

/** The lines of a source text that name one of these providers, in any style of writing, comments left out. */
function linesNaming(names: readonly string[], source: string): string[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')
    .replace(OTHER_THINGS, '')
  const patterns = names.map((name) => {
    const title = name.charAt(0).toUpperCase() + name.slice(1)
    return new RegExp(`(?<![a-z])${name}|${title}(?![a-z])|(?<![A-Z])${name.toUpperCase()}(?![A-Z])`)
  })
  return code.split('\n').filter((line) => patterns.some((pattern) => pattern.test(line)))
}

function sourcesOfProduct(): string[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file.split(path.sep).join('/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|contract)\.tsx?$/.test(file) && !file.includes('/testdata/'))
}

test('no file outside a provider’s folder, its line in the registry and its settings names it', () => {
  const offenders = sourcesOfProduct()
    .filter((file) => !allowed.some(([place]) => file.startsWith(place)))
    .flatMap((file) => {
      const own = providerNames.filter((name) => file.startsWith(`${PROVIDERS}/${name}/`))
      const others = providerNames.filter((name) => !own.includes(name))
      return linesNaming(others, readFileSync(path.join(root, file), 'utf8')).map((line) => `${file}: ${line.trim()}`)
    })
  expect(offenders).toEqual([])
})

test('every folder of a provider has its line in the registry', () => {
  const folders = readdirSync(path.join(root, PROVIDERS), { withFileTypes: true }).filter((one) => one.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual([...providerNames].sort())
})

test('every exception is needed', () => {
  const files = sourcesOfProduct()
  const idle = allowed.filter(([place]) => {
    const here = files.filter((file) => file.startsWith(place))
    const own = providerNames.filter((name) => place.startsWith(`${PROVIDERS}/${name}/`))
    const others = providerNames.filter((name) => !own.includes(name))
    return !here.some((file) => linesNaming(others, readFileSync(path.join(root, file), 'utf8')).length > 0)
  })
  expect(idle).toEqual([])
})

test.each([
  [".where('provider', '=', 'google')"],
  ['const consent = app.googleConsent'],
  ['import { createGoogleClient } from "./index.ts"'],
  ['const wanted = secrets.GOOGLE_CLIENT_SECRET'],
  ['<strong>Google lets nobody in</strong>'],
  ['deps.providers.ics.identify(address)'],
  ["const key = email + '-ics-' + digest"],
  ['connectIcsCalendar(app)'],
])('a planted offender is found: %s', (line) => {
  expect(linesNaming(['google', 'ics'], `/** Google is fine here. */\n// ics too\n${line}`)).toEqual([line])
})

test.each([
  ["const platforms = ['google_meet']"],
  ['const metrics = createMetrics(app.metrics)'],
  ['const add = "calendar add ics ./me.ics"'],
])('what only looks like a name is left alone: %s', (line) => {
  expect(linesNaming(['google', 'ics'], line)).toEqual([])
})
