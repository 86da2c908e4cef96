import type { HttpClient } from '../../../platform/http/index.ts'
import type { Logger } from '../../../platform/observe/index.ts'
import { createMoonshineProvider } from './moonshine/index.ts'
import { createOpenaiCompatibleProvider } from './openai-compatible/index.ts'
import type { SpeechProvider } from './provider.ts'

interface SpeechSettings {
  moonshine: { processes: number; modelDir: string }
  'openai-compatible': { url: string | URL; apiKey?: string | undefined; model?: string | undefined }
}
type SpeechProviderName = keyof SpeechSettings

interface SpeechDeps {
  http: HttpClient
  log: Pick<Logger, 'info' | 'warn'>
}

type Factories = { [Name in SpeechProviderName]: (deps: SpeechDeps, settings: SpeechSettings[Name]) => SpeechProvider }

const factories: Factories = {
  moonshine: ({ log }, settings) => createMoonshineProvider({ log, ...settings }),
  'openai-compatible': ({ http }, settings) => createOpenaiCompatibleProvider({ http, ...settings }),
}

/** The provider of that name. It belongs to the caller, who disposes of it. */
export function createSpeechProvider<Name extends SpeechProviderName>(
  deps: SpeechDeps,
  name: Name,
  settings: SpeechSettings[Name],
): SpeechProvider {
  return factories[name](deps, settings)
}
