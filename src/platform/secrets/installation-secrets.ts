import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { AppError, describeError } from '../../base/errors.ts'
import type { Database } from '../db/index.ts'
import { generateEncryptionKey } from './fernet.ts'
import { fingerprintOf } from './fingerprint.ts'
import { randomToken } from './random.ts'
import { keepFingerprint, readFingerprints } from './secret-store.ts'

/** The secrets an installation cannot work without. */
export interface InstallationSecrets {
  credentialsEncryptionKey: string
  transcriptTokenSecret: string
}

export interface SecretSources {
  given: { credentialsEncryptionKey: string | undefined; transcriptTokenSecret: string | undefined }
  /** Where generated secrets are kept; undefined with a database of somebody else's, where nothing is generated. */
  generatedIn: string | undefined
}

const variableOf = {
  credentialsEncryptionKey: 'CREDENTIALS_ENCRYPTION_KEY',
  transcriptTokenSecret: 'TRANSCRIPT_TOKEN_SECRET',
} as const satisfies Record<keyof InstallationSecrets, string>

const stored = z.object({ credentialsEncryptionKey: z.string().min(1), transcriptTokenSecret: z.string().min(1) })

/**
 * The secrets as given, or as generated once into `secrets.json` (0600) beside the embedded database. With DATABASE_URL a missing one is
 * an error (`secret_missing`) that prints the command making it: two machines must not each invent their own.
 */
export function loadInstallationSecrets({ given, generatedIn }: SecretSources): InstallationSecrets {
  if (given.credentialsEncryptionKey !== undefined && given.transcriptTokenSecret !== undefined) {
    return {
      credentialsEncryptionKey: given.credentialsEncryptionKey,
      transcriptTokenSecret: given.transcriptTokenSecret,
    }
  }
  if (generatedIn === undefined) throw missing(given)
  const generated = readOrGenerate(path.join(generatedIn, 'secrets.json'))
  return {
    credentialsEncryptionKey: given.credentialsEncryptionKey ?? generated.credentialsEncryptionKey,
    transcriptTokenSecret: given.transcriptTokenSecret ?? generated.transcriptTokenSecret,
  }
}

function missing(given: SecretSources['given']): AppError {
  const names = (Object.keys(variableOf) as (keyof InstallationSecrets)[]).filter((key) => given[key] === undefined)
  const lines = names.map((key) => `  ${variableOf[key]}`)
  return new AppError(
    'secret_missing',
    `With DATABASE_URL every process needs the same secrets, so none is made up. Make a value for each of these with \`npx rapporteur generate-key\`, and put them into the environment or .env of all:\n${lines.join('\n')}`,
  )
}

function readOrGenerate(file: string): InstallationSecrets {
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true })
    const fresh = { credentialsEncryptionKey: generateEncryptionKey(), transcriptTokenSecret: randomToken(32) }
    try {
      // `wx`: of two processes that start at once, one writes and both read.
      writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new AppError(
      'secrets_unreadable',
      `The file ${file} holds this installation's secrets and cannot be read (${describeError(error)}). Put it back from a backup; without it stored credentials stay locked.`,
      { cause: error },
    )
  }
}

/**
 * Compares the secrets with the fingerprints that the database keeps, and keeps those of secrets it sees for the first time. Throws
 * `secret_changed`, which names the secret: what was locked with another one could not be read any more.
 */
export async function requireSameSecrets(db: Database, secrets: InstallationSecrets): Promise<void> {
  for (const key of Object.keys(variableOf) as (keyof InstallationSecrets)[]) {
    const fingerprint = fingerprintOf(secrets[key])
    await keepFingerprint(db, variableOf[key], fingerprint)
    const known = (await readFingerprints(db)).get(variableOf[key])
    if (known !== fingerprint) {
      throw new AppError(
        'secret_changed',
        `${variableOf[key]} is not the one this database was set up with (fingerprint ${fingerprint}, expected ${known}). Put the old one back: with another, stored credentials and links do not work any more.`,
      )
    }
  }
}
