import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import { constantTimeEquals } from '../../../platform/secrets/index.ts'
import { type ProviderName, providerNamed } from '../providers/registry.ts'

/** How long somebody may take at a provider. */
export const CONSENT_TAKES_MS = 15 * MINUTE_MS

export interface StateDeps {
  encrypt(plaintext: string): string
  decrypt(ciphertext: string): string
}

const content = z.object({ provider: z.string(), browser: z.string(), begunAt: z.number() })

/**
 * What goes to a provider and comes back: that the consent was begun here, with whom, when, and in which browser, sealed so that nobody
 * else can write it. Nothing is stored until it comes back.
 */
export function writeState(
  deps: StateDeps,
  { provider, browserSecret }: { provider: ProviderName; browserSecret: string },
  now: Date,
): string {
  const begun = { provider, browser: digest(browserSecret), begunAt: now.getTime() } satisfies z.infer<typeof content>
  return deps.encrypt(JSON.stringify(begun))
}

/** Throws unless this state was begun here, lately, with this provider, and in the browser that brings it back. */
export function checkState(
  deps: StateDeps,
  state: string,
  { provider, browserSecret }: { provider: ProviderName; browserSecret: string | undefined },
  now: Date,
): void {
  const begun = readState(deps, state)
  const isOwn = browserSecret !== undefined && begun && constantTimeEquals(digest(browserSecret), begun.browser)
  if (!isOwn || begun.provider !== provider) throw foreignState(provider)
  if (now.getTime() - begun.begunAt > CONSENT_TAKES_MS) throw spentState(provider, 'It took longer than 15 minutes.')
}

function readState(deps: StateDeps, state: string): z.infer<typeof content> | undefined {
  try {
    return content.parse(JSON.parse(deps.decrypt(state)))
  } catch {
    return undefined
  }
}

/** What is stored of a state that came back, to know it again. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url')
}

function foreignState(provider: ProviderName): AppError {
  const { label } = providerNamed(provider).words
  return new AppError(
    'consent_foreign',
    `This answer from ${label} does not belong to anything that was begun in this browser. Nothing was connected.`,
  )
}

export function spentState(provider: ProviderName, why: string): AppError {
  const { label } = providerNamed(provider).words
  return new AppError('consent_spent', `This answer from ${label} cannot be used. ${why} Nothing was changed.`)
}
