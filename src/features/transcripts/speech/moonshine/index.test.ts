import { describe, expect, test } from 'vitest'
import { createLogCapture } from '../../../../../test/support/log-capture.ts'
import { createLogger } from '../../../../platform/observe/index.ts'
import { defaultModelDir, verifyModel } from '../model-files.ts'
import { describeSpeechProvider } from '../provider.contract.ts'
import { createMoonshineProvider } from './index.ts'

const problems = await verifyModel(defaultModelDir)
const log = createLogger({ level: 'info', destination: createLogCapture() })
const open = () => createMoonshineProvider({ processes: 1, modelDir: defaultModelDir, log })

describe.skipIf(problems.length > 0)(`the local model ${problems.join(' ')}`, () => {
  describeSpeechProvider(open)
})

test('a language that the model does not know is said at once, without asking it', async () => {
  await using provider = open()
  const audio = new Float32Array(16_000).fill(0.1)
  const result = await provider.transcribe(audio, { language: 'de-AT' })
  expect(result).toEqual({ text: '', confidence: 1, language: null, reason: 'other_language' })
})
