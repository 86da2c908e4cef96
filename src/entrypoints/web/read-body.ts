import { AppError } from '../../base/errors.ts'
import type { WebContext } from './route.ts'

type Form = Awaited<ReturnType<WebContext['req']['parseBody']>>

/** The body as text. Throws `bad_request` where it does not come: whoever sends it may leave in the middle. */
export async function readText(c: WebContext): Promise<string> {
  try {
    return await c.req.text()
  } catch (cause) {
    throw new AppError('bad_request', 'What was sent did not arrive whole.', { cause })
  }
}

/** The fields of the form that was sent. Throws `bad_request` for what is none: anybody can send that, so it is no bug of ours. */
export async function readForm(c: WebContext): Promise<Form> {
  try {
    return await c.req.parseBody()
  } catch (cause) {
    throw new AppError('bad_request', 'What was sent is not a form of ours.', { cause })
  }
}
