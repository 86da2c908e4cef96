import type { App } from '../../app.ts'
import { describeError } from '../../base/errors.ts'
import { MINUTE_MS } from '../../base/time.ts'
import { checkAttendee } from '../../features/attendance/index.ts'
import { defaultModelDir, verifyModel } from '../../features/transcripts/index.ts'
import { findBrowser } from '../../platform/browser/index.ts'

type PartsDeps = Pick<App, 'config' | 'secrets' | 'http' | 'clock'>

/** Finds what this machine lacks to attend meetings; looked at anew once a minute at most. */
export function createPartsCheck(app: PartsDeps): () => Promise<readonly string[]> {
  const { clock } = app
  let lookedAt = Number.NEGATIVE_INFINITY
  let parts: Promise<readonly string[]> = Promise.resolve([])
  return () => {
    const now = clock.now().getTime()
    if (now - lookedAt < MINUTE_MS) return parts
    lookedAt = now
    parts = lookForParts(app)
    return parts
  }
}

async function lookForParts(app: PartsDeps): Promise<string[]> {
  const { chromiumPath, dataDir, speech } = app.config
  const browser = await findBrowser({ configuredPath: chromiumPath, dataDir }).then(
    () => [],
    (error) => [describeError(error)],
  )
  const model = speech.apiUrl === undefined ? await verifyModel(defaultModelDir) : []
  return [...browser, ...model, ...(await lookForAttendee(app))]
}

async function lookForAttendee({ http, secrets: { attendee } }: PartsDeps): Promise<string[]> {
  if (attendee === undefined) return []
  return checkAttendee({ http, url: attendee.url, apiKey: attendee.apiKey }).then(
    () => [],
    (error) => [describeError(error)],
  )
}
