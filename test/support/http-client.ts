import { onTestFinished } from 'vitest'
import { type AppError, isAppError } from '../../src/base/errors.ts'
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../src/platform/http/http-client.ts'

export interface ClientUnderTest {
  client: HttpClient
  /** How long it would have waited before each further attempt; it never does. */
  waits: number[]
}

/** A client that never sleeps and leaves nothing to chance; it ends with the test. */
export function createClientUnderTest(options: Partial<HttpClientOptions> = {}): ClientUnderTest {
  const waits: number[] = []
  const client = createHttpClient({
    allowPrivateHosts: [],
    userAgent: 'Rapporteur test',
    random: () => 1,
    wait: async (ms) => {
      waits.push(ms)
    },
    ...options,
  })
  onTestFinished(() => client[Symbol.asyncDispose]())
  return { client, waits }
}

/** The failure that a request ends in. */
export async function failureOf(request: Promise<unknown>): Promise<AppError> {
  try {
    await request
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
  throw new Error('The request did not fail')
}
