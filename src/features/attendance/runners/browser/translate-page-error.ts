import { AppError, describeError, isAppError } from '../../../../base/errors.ts'

/** Says in our words what kept a page from doing a step. The library's own message holds the browser's whole log, of which the first line will do. */
export function translatePageError(error: unknown): AppError {
  if (isAppError(error)) return error
  const [reason = ''] = describeError(error).split('\n', 1)
  const options = { cause: error, retry: 'later', details: { reason } } as const
  if (/has been closed|has crashed|Target crashed|Connection closed/i.test(reason))
    return new AppError('browser_crashed', 'The browser or its page is gone.', options)
  if (/net::ERR|NS_ERROR/.test(reason))
    return new AppError('unable_to_connect_to_meeting', `The meeting's page could not be opened: ${reason}`, options)
  if (error instanceof Error && error.name === 'TimeoutError')
    return new AppError('ui_element_not_found', `The meeting's page lacks what was looked for: ${reason}`, options)
  return new AppError('page_unresponsive', `The meeting's page failed: ${reason}`, options)
}
