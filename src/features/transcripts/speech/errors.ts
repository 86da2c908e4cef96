import { AppError, type AppErrorOptions } from '../../../base/errors.ts'

/** Every way in which speech fails to become text. */
type SpeechErrorCode =
  | 'speech_model_missing'
  | 'speech_model_corrupt'
  | 'speech_process_failed'
  | 'speech_closed'
  | 'speech_unauthorised'
  | 'speech_not_found'
  | 'speech_refused'
  | 'speech_unavailable'
  | 'speech_bad_answer'

export function speechError(
  code: SpeechErrorCode,
  message: string,
  options: Pick<AppErrorOptions, 'retry' | 'retryAfterMs' | 'cause' | 'details'> = {},
): AppError {
  return new AppError(code, message, options)
}
