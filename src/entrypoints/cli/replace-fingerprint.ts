import { systemClock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import { countOf } from '../../base/text.ts'
import { readWorkers } from '../../features/attendance/index.ts'
import { listCredentials } from '../../features/calendars/index.ts'
import { recordAudit } from '../../features/people/index.ts'
import { hasAnyTranscript, weakLinksEndAt } from '../../features/transcripts/index.ts'
import { type Database, migrateToLatest, openDatabase, requireCurrentSchema } from '../../platform/db/index.ts'
import {
  compareFingerprint,
  decryptToken,
  FINGERPRINTED,
  type FingerprintedName,
  type InstallationSecrets,
  loadInstallationSecrets,
  replaceFingerprint,
} from '../../platform/secrets/index.ts'
import { COMMAND_LINE, type Command, requirePositional, UsageError } from './command.ts'
import { type DatabaseForCommand, openDatabaseForCommand } from './open-installation.ts'

export const replaceFingerprintCommand: Command = {
  name: 'replace-fingerprint',
  summary: 'Lets a secret take the place of a forgotten one, once it is proven that nothing needs that one.',
  usage: `${FINGERPRINTED.join('|')} [--abandon] [--dry-run] [--json]`,
  help: `  The database knows each secret by a fingerprint and refuses another one. Set the new secret, stop all processes, and run
  this: it tries the new secret on everything that is stored. Where something does not open with it, it says what, changes
  nothing and ends with 1; --abandon gives that up. --dry-run only says.`,
  options: { abandon: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const name = readName(requirePositional(input, 0, 'The name of the secret'))
    await using database = await openDatabaseForCommand({ commandName: 'replace-fingerprint', output })
    const { config, secrets: given } = database.loaded
    const generatedIn = config.database.kind === 'embedded' ? config.dataDir : undefined
    const secrets = loadInstallationSecrets({ given, generatedIn })
    const db = await openDatabase({ url: database.url, maxConnections: 2 })
    try {
      if (database.mayMigrate) await migrateToLatest(db)
      else await requireCurrentSchema(db)
      const outcome = await decide(db, database, secrets, name, {
        abandon: input.options.abandon === true,
        isDryRun: input.options['dry-run'] === true,
      })
      output.print(input.options.json ? JSON.stringify({ name, ...outcome }) : outcome.message)
      return 0
    } finally {
      await db.destroy()
    }
  },
}

interface Outcome {
  replaced: boolean
  message: string
}

async function decide(
  db: Database,
  database: DatabaseForCommand,
  secrets: InstallationSecrets,
  name: FingerprintedName,
  { abandon, isDryRun }: { abandon: boolean; isDryRun: boolean },
): Promise<Outcome> {
  const { known, isSame } = await compareFingerprint(db, secrets, name)
  if (!known)
    return { replaced: false, message: `The database knows no ${name} yet; the next start keeps what is set.` }
  if (isSame)
    return { replaced: false, message: `${name} is the one that the database knows; there is nothing to replace.` }
  const proof =
    name === 'CREDENTIALS_ENCRYPTION_KEY' ? await tryCredentials(db, secrets) : await tryLinks(db, known.weakSince)
  if (!proof.isFree && !abandon) throw stillNeeded(name, proof.found)
  if (isDryRun) return { replaced: false, message: `${proof.found} ${name} can be replaced; nothing was changed.` }
  await requireStopped(db, database)
  const at = systemClock.now()
  const entry = { at, ...COMMAND_LINE, action: 'fingerprint_replaced', subject: name } as const
  await replaceFingerprint(db, secrets, name, at, (trx) =>
    recordAudit(trx, { ...entry, detail: { found: proof.found, abandoned: !proof.isFree } }),
  )
  return { replaced: true, message: `${proof.found} The database now knows the ${name} that is set.` }
}

/** What was found of things that need the forgotten secret. `isFree`: there are none. */
interface Proof {
  isFree: boolean
  found: string
}

/** Every stored credential is tried with the key that is set. */
async function tryCredentials(db: Database, { encryptionKey }: InstallationSecrets): Promise<Proof> {
  const credentials = await listCredentials(db)
  const locked = credentials.filter(({ credential }) => !opens(() => decryptToken([encryptionKey], credential)))
  if (credentials.length === 0) return { isFree: true, found: 'No credential is stored.' }
  const all = countOf(credentials.length, 'stored credential')
  if (locked.length === 0) return { isFree: true, found: `The key opens ${all}, all there are.` }
  const [first] = locked
  return {
    isFree: false,
    found: `The key does not open ${locked.length} of ${all}, such as that of ${first?.ownerEmail}.`,
  }
}

function opens(decrypt: () => string): boolean {
  try {
    decrypt()
    return true
  } catch {
    return false
  }
}

/** Links are stored nowhere; but one opens nothing where there is no transcript, and a weak secret's have all expired after a time. */
async function tryLinks(db: Database, weakSince: Date | null): Promise<Proof> {
  if (weakSince && weakLinksEndAt({ since: weakSince }) <= systemClock.now())
    return { isFree: true, found: 'All links that the forgotten secret signed have expired.' }
  if (!(await hasAnyTranscript(db)))
    return { isFree: true, found: 'There is no transcript that a link of the forgotten secret could open.' }
  return { isFree: false, found: 'Links that the forgotten secret signed may be in people’s hands, and end.' }
}

/** A process that goes on with the other secret would write what nobody can read. */
async function requireStopped(db: Database, { mayMigrate, loaded }: DatabaseForCommand): Promise<void> {
  const isRunning = loaded.config.database.kind === 'embedded' ? !mayMigrate : await hasWorkers(db)
  if (!isRunning) return
  throw new AppError(
    'installation_running',
    'Rapporteur is running with the other secret. Stop all of its processes first; a worker that was killed counts as running for half a minute.',
  )
}

async function hasWorkers(db: Database): Promise<boolean> {
  return (await readWorkers(db, systemClock.now())).length > 0
}

function stillNeeded(name: FingerprintedName, found: string): AppError {
  const after =
    name === 'CREDENTIALS_ENCRYPTION_KEY'
      ? 'those calendars have to be connected again'
      : 'readers have to be sent new links'
  return new AppError(
    'secret_still_needed',
    `${found} Nothing was changed. Put the old ${name} back if it can be found. If not, \`npx rapporteur replace-fingerprint ${name} --abandon\` gives up what needs it: ${after}.`,
  )
}

function readName(text: string): FingerprintedName {
  const name = FINGERPRINTED.find((known) => known === text)
  if (name) return name
  throw new UsageError(`${text} is no secret with a fingerprint; these have one: ${FINGERPRINTED.join(', ')}.`)
}
