import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { AppError, describeError, isAppError } from '../../base/errors.ts'
import { generateFernetKey } from '../../formats/fernet/fernet.ts'
import { type EncryptionKey, parseEncryptionKey } from './encryption.ts'
import { randomToken } from './random.ts'

/** The secrets an installation cannot work without, read: what cannot be used has been refused. */
export interface InstallationSecrets {
  credentialsEncryptionKey: string
  encryptionKey: EncryptionKey
  transcriptTokenSecret: string
  /** The variable that holds it. */
  tokenSecretFrom: 'TRANSCRIPT_TOKEN_SECRET' | 'WEBHOOK_SECRET'
  /** Whether the settings are a predecessor's, whose links people have: only those name WEBHOOK_SECRET. */
  isTakenOver: boolean
}

interface SecretSources {
  given: {
    credentialsEncryptionKey: string | undefined
    transcriptTokenSecret: string | undefined
    webhookSecret: string | undefined
  }
  /** Where generated secrets are kept; undefined with a database of somebody else's, where nothing is generated. */
  generatedIn: string | undefined
}

const stored = z.object({ credentialsEncryptionKey: z.string().min(1), transcriptTokenSecret: z.string().min(1) })

/**
 * The secrets as given, or as generated once into `secrets.json` (0600) beside the embedded database. With DATABASE_URL a missing one is
 * an error (`secret_missing`) that prints the command making it: two machines must not each invent their own. Throws `secret_bad_key`.
 */
export function loadInstallationSecrets({ given, generatedIn }: SecretSources): InstallationSecrets {
  const key = given.credentialsEncryptionKey
  const token = given.transcriptTokenSecret ?? given.webhookSecret
  const isComplete = key !== undefined && token !== undefined
  if (!isComplete && generatedIn === undefined) throw missing({ key, token })
  const generated = isComplete ? undefined : readOrGenerate(path.join(generatedIn as string, 'secrets.json'))
  const credentialsEncryptionKey = key ?? (generated?.credentialsEncryptionKey as string)
  return {
    credentialsEncryptionKey,
    encryptionKey: readKey(credentialsEncryptionKey),
    transcriptTokenSecret: token ?? (generated?.transcriptTokenSecret as string),
    tokenSecretFrom:
      given.transcriptTokenSecret === undefined && given.webhookSecret !== undefined
        ? 'WEBHOOK_SECRET'
        : 'TRANSCRIPT_TOKEN_SECRET',
    isTakenOver: given.webhookSecret !== undefined,
  }
}

function readKey(text: string): EncryptionKey {
  try {
    return parseEncryptionKey(text)
  } catch (error) {
    if (!isAppError(error)) throw error
    throw new AppError(error.code, `CREDENTIALS_ENCRYPTION_KEY: ${error.message}`, { cause: error })
  }
}

function missing({ key, token }: { key: string | undefined; token: string | undefined }): AppError {
  const names = [
    ...(key === undefined ? ['CREDENTIALS_ENCRYPTION_KEY'] : []),
    ...(token === undefined ? ['TRANSCRIPT_TOKEN_SECRET'] : []),
  ]
  const lines = names.map((name) => `  ${name}`)
  return new AppError(
    'secret_missing',
    `With DATABASE_URL every process needs the same secrets, so none is made up. Make a value for each of these with \`npx rapporteur generate-key\`, and put them into the environment or .env of all:\n${lines.join('\n')}`,
  )
}

function readOrGenerate(file: string): z.infer<typeof stored> {
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true })
    const fresh = { credentialsEncryptionKey: generateFernetKey(), transcriptTokenSecret: randomToken(32) }
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
