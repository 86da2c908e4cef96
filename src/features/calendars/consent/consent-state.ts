import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import { constantTimeEquals } from '../../../platform/secrets/index.ts'

/** How long somebody may take at Google. */
export const CONSENT_TAKES_MS = 15 * MINUTE_MS

export interface StateDeps {
  encrypt(plaintext: string): string
  decrypt(ciphertext: string): string
}

const content = z.object({ browser: z.string(), begunAt: z.number() })

/**
 * What goes to Google and comes back: that the consent was begun here, when, and in which browser, sealed so that nobody else can write
 * it. Nothing is stored until it comes back.
 */
export function writeState(deps: StateDeps, browserSecret: string, now: Date): string {
  const facts = { browser: digest(browserSecret), begunAt: now.getTime() } satisfies z.infer<typeof content>
  return deps.encrypt(JSON.stringify(facts))
}

/** Throws unless this state was begun here, lately, and in the browser that brings it back. */
export function checkState(deps: StateDeps, state: string, browserSecret: string | undefined, now: Date): void {
  const facts = readState(deps, state)
  if (!facts) throw foreignState()
  const isOwn = browserSecret !== undefined && constantTimeEquals(digest(browserSecret), facts.browser)
  if (!isOwn) throw foreignState()
  if (now.getTime() - facts.begunAt > CONSENT_TAKES_MS) throw spentState('It took longer than 15 minutes.')
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

function foreignState(): AppError {
  return new AppError(
    'consent_foreign',
    'This answer from Google does not belong to anything that was begun in this browser. Nothing was connected.',
  )
}

export function spentState(why: string): AppError {
  return new AppError('consent_spent', `This answer from Google cannot be used. ${why} Nothing was changed.`)
}
