import type { App } from '../../app.ts'
import { describeError } from '../../base/errors.ts'
import { MINUTE_MS } from '../../base/time.ts'
import { defaultModelDir, verifyModel } from '../../features/transcripts/index.ts'
import { findBrowser } from '../../platform/browser/index.ts'

/** Finds what this machine lacks to attend meetings; looked at anew once a minute at most. */
export function createPartsCheck({ config, clock }: Pick<App, 'config' | 'clock'>): () => Promise<readonly string[]> {
  let lookedAt = Number.NEGATIVE_INFINITY
  let parts: Promise<readonly string[]> = Promise.resolve([])
  return () => {
    const now = clock.now().getTime()
    if (now - lookedAt < MINUTE_MS) return parts
    lookedAt = now
    parts = lookForParts(config)
    return parts
  }
}

async function lookForParts({ chromiumPath, dataDir, speech }: App['config']): Promise<string[]> {
  const browser = await findBrowser({ configuredPath: chromiumPath, dataDir }).then(
    () => [],
    (error) => [describeError(error)],
  )
  const model = speech.apiUrl === undefined ? await verifyModel(defaultModelDir) : []
  return [...browser, ...model]
}
