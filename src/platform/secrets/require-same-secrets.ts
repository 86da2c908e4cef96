import { AppError } from '../../base/errors.ts'
import type { Database } from '../db/index.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { InstallationSecrets } from './installation-secrets.ts'
import { type LinkSecrets, linkSecretsOf } from './link-secrets.ts'
import { type KnownSecret, keepFingerprints, noteWeakness, readFingerprints } from './secret-store.ts'
import { weaknessOf } from './weak-secret.ts'

/** The secrets of which the database keeps a fingerprint. */
export const FINGERPRINTED = ['CREDENTIALS_ENCRYPTION_KEY', 'TRANSCRIPT_TOKEN_SECRET'] as const
export type FingerprintedName = (typeof FINGERPRINTED)[number]

/** The fingerprint of each secret as it is now. */
export function fingerprintsOf(secrets: InstallationSecrets): Record<FingerprintedName, string> {
  return {
    CREDENTIALS_ENCRYPTION_KEY: fingerprintOf(secrets.credentialsEncryptionKey),
    TRANSCRIPT_TOKEN_SECRET: fingerprintOf(secrets.transcriptTokenSecret),
  }
}

/**
 * Compares the secrets with the fingerprints that the database keeps, and only when all are right keeps those of secrets it sees for the
 * first time. Throws `secret_changed`, which names the secret: what was locked with another one could not be read any more; and
 * `secret_weak` for a new one that is easily guessed. Answers what links are signed with.
 */
export async function requireSameSecrets(db: Database, secrets: InstallationSecrets, now: Date): Promise<LinkSecrets> {
  await compareSecrets(db, secrets, now)
  const isWeak = weaknessOf(secrets.transcriptTokenSecret) !== undefined
  const fingerprints = fingerprintsOf(secrets)
  await keepFingerprints(
    db,
    FINGERPRINTED.map((name) => ({ name, fingerprint: fingerprints[name], weakSince: weakSinceOf(name, isWeak, now) })),
  )
  if (isWeak) await noteWeakness(db, 'TRANSCRIPT_TOKEN_SECRET', now)
  // Another process may have been first, with others.
  return compareSecrets(db, secrets, now)
}

/** The same without keeping anything. */
export async function compareSecrets(db: Database, secrets: InstallationSecrets, now: Date): Promise<LinkSecrets> {
  const known = await readFingerprints(db)
  const fingerprints = fingerprintsOf(secrets)
  for (const name of FINGERPRINTED) {
    const expected = known.get(name)?.fingerprint
    if (expected !== undefined && expected !== fingerprints[name]) throw changed(name, fingerprints[name], expected)
  }
  return judgeLinkSecret(secrets, known.get('TRANSCRIPT_TOKEN_SECRET'), now)
}

/** Throws `secret_weak` for one that is new here and easily guessed, unless it is a predecessor's. */
export function judgeLinkSecret(
  secrets: InstallationSecrets,
  known: Pick<KnownSecret, 'weakSince'> | undefined,
  now: Date,
): LinkSecrets {
  const { credentialsEncryptionKey, transcriptTokenSecret: secret, tokenSecretFrom: name } = secrets
  const weakness = weaknessOf(secret)
  if (weakness !== undefined && !known && !secrets.isTakenOver) throw weak(name, weakness)
  const since = known?.weakSince ?? now
  return linkSecretsOf(
    credentialsEncryptionKey,
    secret,
    weakness === undefined ? undefined : { name, secret, weakness, since },
  )
}

function weakSinceOf(name: FingerprintedName, isWeak: boolean, now: Date): Date | null {
  return isWeak && name === 'TRANSCRIPT_TOKEN_SECRET' ? now : null
}

function changed(name: FingerprintedName, found: string, expected: string): AppError {
  return new AppError(
    'secret_changed',
    `${name} is not the one this database was set up with (fingerprint ${found}, expected ${expected}). Put the old one back: with another, stored credentials and links do not work any more. If the old one is lost, or this one is right, stop all processes and run \`npx rapporteur replace-fingerprint ${name}\`, which says first what could not be read any more.`,
  )
}

function weak(name: string, weakness: string): AppError {
  return new AppError(
    'secret_weak',
    `${name} ${weakness}: whoever has one link to a transcript could find it out by trying, and write links to all others. Make one with \`npx rapporteur generate-key\`. If it is the predecessor's, and links that it signed are to go on working, give it as WEBHOOK_SECRET.`,
  )
}
