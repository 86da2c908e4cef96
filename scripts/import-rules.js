// The house as rules: which file may import what. `npm run check` applies them to every file; a test plants offenders and sees them caught.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The features in the order of the pipeline: each may import only those before it. */
export const features = [
  'people',
  'calendars',
  'meetings',
  'bots',
  'recordings',
  'transcripts',
  'attendance',
  'insights',
  'outputs',
]

/** Libraries with one door: only files that match may import them. Tests may import what they like. */
const doors = {
  pg: [/^src\/platform\/db\//],
  'pg-copy-streams': [/^src\/platform\/db\//],
  'pg-boss': [/^src\/platform\/jobs\//],
  kysely: [/^src\/platform\/db\//, /-store\.ts$/],
  hono: [/^src\/entrypoints\//, /^sandbox\//],
  '@hono/node-server': [/^src\/entrypoints\//, /^sandbox\//],
  undici: [/^src\/platform\/http\//],
  pino: [/^src\/platform\/observe\//],
  '@prometheus-io/client': [/^src\/platform\/observe\//],
  'playwright-core': [/^src\/platform\/browser\//, /^src\/features\/attendance\//, /^sandbox\/room\//],
  'onnxruntime-node': [/^src\/features\/transcripts\/speech\//],
  'opus-decoder': [/^src\/features\/transcripts\/speech\//],
  ws: [/^sandbox\//],
}

/** Of Node itself, what formats may use: they read and write bytes that they are given, and nothing else. */
const pureModules = ['node:crypto']

/** Words of the product. A format that needs one of them is none, or says too much. */
const productWords =
  /\b(?:rapporteur|meetings?|bots?|recordings?|transcripts?|transcriptions?|invitations?|participants?|attendees?)\b/i

/** The floor of a file, from below: base 1, formats 1.5, platform 2, features 3, entrypoints 4, the roof 5; the sandbox stands beside the house. */
function floorOf(file) {
  if (file.startsWith('src/base/')) return 1
  if (file.startsWith('src/formats/')) return 1.5
  if (file.startsWith('src/platform/')) return 2
  if (file.startsWith('src/features/')) return 3
  if (file === 'src/pipeline.ts') return 3.5
  if (file === 'src/jobs.ts') return 3.6
  if (file === 'src/app.ts') return 3.7
  if (file.startsWith('src/entrypoints/')) return 4
  if (file === 'src/main.ts') return 5
  return undefined
}

/** The room of a file; undefined for one that is in none. */
export function featureOf(file) {
  return file.startsWith('src/features/') ? file.split('/')[2] : undefined
}

/** Why `file` may not import `specifier`; undefined if it may. Paths are relative to the root, with forward slashes. */
export function refusalOf(file, specifier) {
  if (isTest(file)) return undefined
  if (!specifier.startsWith('.')) return refusalOfLibrary(file, specifier)
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
  if (target.startsWith('sandbox/') && file.startsWith('src/') && file !== 'src/entrypoints/cli/start.ts') {
    return 'the sandbox is for `start` and for tests'
  }
  if (file.startsWith('src/') && /^(test|bench)\//.test(target)) return 'tests and benches are nobody’s parts'
  return refusalOfFloor(file, target) ?? refusalOfRoom(file, target) ?? refusalOfMember(file, target)
}

function refusalOfLibrary(file, specifier) {
  if (file.startsWith('src/formats/') && specifier.startsWith('node:') && !pureModules.includes(specifier))
    return 'formats are pure'
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
  const allowed = doors[name]
  if (!allowed || !/^(src|sandbox)\//.test(file) || allowed.some((door) => door.test(file))) return undefined
  return `${name} has its own door: ${allowed.map((door) => door.source).join(' or ')}`
}

function refusalOfFloor(file, target) {
  const [from, to] = [floorOf(file), floorOf(target)]
  if (from === undefined || to === undefined || to <= from) return undefined
  return 'imports go down, never up'
}

function refusalOfRoom(file, target) {
  const [from, to] = [featureOf(file), featureOf(target)]
  if (to === undefined || from === to) return undefined
  if (from !== undefined && features.indexOf(to) > features.indexOf(from))
    return `${to} comes after ${from} in the pipeline`
  if (target !== `src/features/${to}/index.ts`) return `${to} is entered through its index.ts`
  return undefined
}

/** A member of a family (a provider, a platform, a runner) is imported by its registry and by itself only. */
function refusalOfMember(file, target) {
  const family = target.match(/^(src\/features\/[^/]+\/(?:providers|platforms|runners|targets|speech))\/([^/]+)\//)
  if (!family || file.startsWith(`${family[1]}/${family[2]}/`) || file === `${family[1]}/registry.ts`) return undefined
  return 'only the registry imports a member'
}

/** Tests, contracts and what only they use. */
export function isTest(file) {
  return /\.(test|contract)\.tsx?$/.test(file) || file.startsWith('test/') || file.includes('/testdata/')
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g

/** Every module that a source text imports, exports from or loads. */
export function importsOf(source) {
  return [...source.matchAll(importPattern)].map((match) => match[1] ?? match[2])
}

/** A word of the product in the text of a format; undefined where there is none, and for every other file. */
export function productWordIn(file, source) {
  return file.startsWith('src/formats/') && !isTest(file) ? source.match(productWords)?.[0] : undefined
}

/** All breaches below some folders of a root, as lines to print. */
export function findBreaches(root, folders = ['src', 'sandbox', 'bench']) {
  const breaches = []
  for (const file of folders.flatMap((folder) => sourcesBelow(root, folder))) {
    const source = readFileSync(path.join(root, file), 'utf8')
    const word = productWordIn(file, source)
    if (word) breaches.push(`${file} says “${word}”: formats know no word of the product`)
    for (const specifier of importsOf(source)) {
      const refusal = refusalOf(file, specifier)
      if (refusal) breaches.push(`${file} imports ${specifier}: ${refusal}`)
    }
  }
  return breaches
}

/** The sources below a folder of a root, as paths from the root. */
export function sourcesBelow(root, folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
}
