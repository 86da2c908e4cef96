// The program of a child process: loads the model and answers each message with what was heard. It lives as long as its channel.
import os from 'node:os'
import { describeError, isAppError } from '../../../../base/errors.ts'
import { becomeUnprivileged } from '../../../../platform/process/index.ts'
import { readModelFile } from '../model-files.ts'
import { type Moonshine, openMoonshine } from './model.ts'
import type { Answer, Hear } from './wire.ts'

/** Does what the process is for. A call as early as possible keeps messages from arriving unheard. */
function serve(modelDir: string): void {
  // A keyboard's or a service manager's signal reaches all processes, but only the parent knows what is still to be done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('disconnect', () => process.exit())
  // Bots, which cannot wait, come first.
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL)

  const model = open(modelDir)
  model.catch((error) => {
    answer({ kind: 'failed', code: troubleOf(error), message: describeError(error) })
    process.disconnect?.()
  })
  process.on('message', (message: Hear) => void hear(model, message))
}

async function open(modelDir: string): Promise<Moonshine> {
  const encoder = await readModelFile(modelDir, 'moonshine-tiny/encoder_model.onnx')
  const decoder = await readModelFile(modelDir, 'moonshine-tiny/decoder_model_merged.onnx')
  const model = await openMoonshine({ encoder, decoder })
  // Everything is in memory now, so that a user who reaches no file is enough. What others said is heard after this.
  await becomeUnprivileged([])
  return model
}

async function hear(opening: Promise<Moonshine>, { id, audio }: Hear): Promise<void> {
  const model = await opening.catch(() => undefined)
  if (!model) return
  try {
    const heard = await model.hear(audio)
    answer({ kind: 'heard', id, heard, rssBytes: process.memoryUsage.rss() })
  } catch (error) {
    answer({ kind: 'failed', id, code: 'failed', message: describeError(error) })
  }
}

function troubleOf(error: unknown): (Answer & { kind: 'failed' })['code'] {
  for (const code of ['speech_model_missing', 'speech_model_corrupt'] as const) if (isAppError(error, code)) return code
  return 'failed'
}

function answer(message: Answer): void {
  // The parent may be gone; then there is nobody to tell, and `disconnect` ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

serve(process.argv[2] ?? '')
