import { createHmac } from 'node:crypto'

/** What links to transcripts are signed and opened with. */
export interface LinkSecrets {
  /** Signs every new link; never a weak one. */
  signing: string
  /** Opens links as `signing` does. */
  opening: readonly string[]
  /** A predecessor's secret that is too weak to sign anything, but signed links that people have. */
  weak: WeakSecret | undefined
}

export interface WeakSecret {
  /** The variable that holds it. */
  name: string
  secret: string
  /** What is wrong with it, as the end of a sentence. */
  weakness: string
  /** When we first saw it: since then nothing was signed with it. */
  since: Date
}

const LABEL = 'rapporteur links to transcripts v1'

/**
 * Links are signed with the secret itself, or where that is weak with one that only the encryption key leads to, so that all processes have
 * the same. What that one signed goes on opening when the weak one has been replaced.
 */
export function linkSecretsOf(encryptionKey: string, secret: string, weak: WeakSecret | undefined): LinkSecrets {
  const derived = createHmac('sha256', encryptionKey).update(LABEL).digest('base64url')
  return { signing: weak ? derived : secret, opening: weak ? [] : [derived], weak }
}
