import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type ModelFileName, problemOf } from '#fetch-model'
import { speechError } from './errors.ts'

export { defaultModelDir, fetchModel, verifyModel } from '#fetch-model'

/** The bytes of a model file, checked. Throws `speech_model_missing` or `speech_model_corrupt` with what to do. */
export async function readModelFile(modelDir: string, name: ModelFileName): Promise<Uint8Array> {
  const bytes = await readFile(path.join(modelDir, name)).catch(() => undefined)
  const problem = problemOf(modelDir, name, bytes)
  if (!bytes || problem) {
    const code = bytes ? 'speech_model_corrupt' : 'speech_model_missing'
    throw speechError(code, problem ?? '', { retry: 'later' })
  }
  return bytes
}
