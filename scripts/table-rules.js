// Whose table is whose: a room alone writes its tables, and no room reads those of a later one. `npm run check` applies this to every file; a
// test plants offenders and sees them caught. Migrations, backup and tests are free.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { featureOf, features, isTest, sourcesBelow } from './import-rules.js'
import { tableUsesOf } from './table-uses.js'

/** The platform's tables are everybody's to read, as its code is. */
const rooms = ['platform', ...features]
/** Of this one each room writes rows of its own, under the keys that it declares. */
const SHARED = 'setting'
const free = /^src\/platform\/db\/(?:migrations|backup)\//

function roomOf(file) {
  return file.startsWith('src/platform/') ? 'platform' : featureOf(file)
}

/** What the rooms declare in their tables.ts: whose each table is, and each key of the shared one. */
export function readOwners(root) {
  const owners = { tables: new Map(), keys: new Map() }
  for (const file of sourcesBelow(root, 'src').filter((name) => name.endsWith('/tables.ts'))) {
    const source = readFileSync(path.join(root, file), 'utf8')
    for (const name of membersOf(source, 'Tables')) owners.tables.set(name, roomOf(file))
    for (const name of membersOf(source, 'SettingKeys')) owners.keys.set(name, roomOf(file))
  }
  return owners
}

function membersOf(source, name) {
  return [...source.matchAll(new RegExp(`interface ${name} \\{([^}]*)\\}`, 'g'))].flatMap(([, body]) =>
    [...body.matchAll(/^ *(\w+):/gm)].map(([, member]) => member),
  )
}

/** Why a file may not use its tables as it does, one sentence for each breach. */
export function tableRefusalsOf(owners, file, source) {
  if (isTest(file) || free.test(file)) return []
  const uses = tableUsesOf(source).filter(({ table }) => table === undefined || owners.tables.has(table))
  const refusals = uses.map((use) => refusalOfUse(owners, file, use))
  if (uses.some(({ table }) => table === SHARED)) refusals.push(refusalOfKeys(owners, file, source))
  return [...new Set(refusals.filter((refusal) => refusal !== undefined))]
}

function refusalOfUse(owners, file, { verb, table }) {
  const room = roomOf(file)
  if (room === undefined || (room !== 'platform' && !file.endsWith('-store.ts')))
    return `asks for ${table ?? 'a table'}: only stores do`
  if (table === undefined) return `does not say which table it ${verb}s`
  const owner = owners.tables.get(table)
  if (verb === 'write' && owner !== room && table !== SHARED) return `writes ${table}: only ${owner} does`
  if (rooms.indexOf(owner) > rooms.indexOf(room)) return `reads ${table}: ${owner} comes after ${room} in the pipeline`
  return undefined
}

function refusalOfKeys({ keys }, file, source) {
  const room = roomOf(file)
  // A key may begin with a name that is known when it runs: then its ending is declared.
  const named = [...source.matchAll(/'(\w+)'|\}(_\w+)`/g)]
    .map(([, key, ending]) => key ?? ending)
    .filter((key) => keys.has(key))
  const others = named.find((key) => keys.get(key) !== room)
  if (others !== undefined) return `uses the key ${others} of ${SHARED}: it belongs to ${keys.get(others)}`
  return named.length === 0 ? `uses ${SHARED} under no key that ${room} declares` : undefined
}

/** All breaches below some folders of a root, as lines to print. */
export function findTableBreaches(root, folders = ['src', 'sandbox']) {
  const owners = readOwners(root)
  return folders
    .flatMap((folder) => sourcesBelow(root, folder))
    .flatMap((file) =>
      tableRefusalsOf(owners, file, readFileSync(path.join(root, file), 'utf8')).map((why) => `${file} ${why}`),
    )
}
