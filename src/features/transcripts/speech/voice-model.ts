import type { Logger } from '../../../platform/observe/index.ts'
import { defaultModelDir, verifyModel } from './model-files.ts'
import { openSilero, type SileroModel } from './silero.ts'

/** The model that tells voices from noise, loaded into this process when it is first needed. */
interface VoiceModel extends AsyncDisposable {
  /** Undefined where its files are missing: then loudness alone decides. */
  open(): Promise<SileroModel | undefined>
}

/** What is missing of its files goes to `log`; nowhere where speech is recognised by a server, which needs none of them. */
export function createVoiceModel({ log }: { log: Pick<Logger, 'warn'> | undefined }): VoiceModel {
  let opening: Promise<SileroModel | undefined> | undefined
  const open = async () => {
    const problems = await verifyModel(defaultModelDir)
    if (problems.length === 0) return openSilero(defaultModelDir)
    for (const problem of problems) log?.warn('About the speech model', { problem })
    // Looked for again next time: somebody may have fetched it by then.
    opening = undefined
    return undefined
  }
  return {
    open: () => {
      opening ??= open()
      return opening
    },
    async [Symbol.asyncDispose]() {
      const model = await opening?.catch(() => undefined)
      await model?.[Symbol.asyncDispose]()
    },
  }
}
