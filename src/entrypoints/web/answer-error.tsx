import type { Child } from 'hono/jsx'
import { isAppError } from '../../base/errors.ts'
import { translateDatabaseError } from '../../platform/db/index.ts'
import { noteOutage } from './note-outage.ts'
import { organisationName } from './organisation-name.ts'
import { renderPage } from './render-page.tsx'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'
import { type ErrorStatus, statusOfError } from './web-errors.ts'

const titles: Record<ErrorStatus, string> = {
  400: 'That does not work',
  401: 'Sign in',
  403: 'Not for you',
  404: 'Nothing here',
  405: 'Not this way',
  410: 'This link has ended',
  413: 'Too much at once',
  421: 'Wrong address',
  429: 'Too often',
  500: 'Something went wrong on our side',
  503: 'Not available just now',
}

/** Turns whatever was thrown into a page: the one place where errors become answers. Details of our own bugs go to the log only. */
export function answerError(c: WebContext, deps: WebDeps, thrown: unknown): Promise<Response> {
  const error = translateDatabaseError(thrown)
  const status = statusOfError(error)
  const requestId = c.get('requestId')
  if (status === 500) deps.log.error('A request failed', { requestId, route: c.get('routePath'), error })
  if (status === 503) noteOutage(deps, 'A request could not be served', error, { requestId, route: c.get('routePath') })
  if (status === 503) c.header('Retry-After', '10')
  if (status === 429 && isAppError(error))
    c.header('Retry-After', String(Math.ceil((error.retryAfterMs ?? 60_000) / 1_000)))
  // What is not read of a body that is too large is not waited for either.
  if (status === 413) c.header('Connection', 'close')
  const isReader = isAppError(error) && error.code.startsWith('transcript_')
  const title = isReader && status === 401 ? 'Open your link' : titles[status]
  return renderPage(
    c,
    deps,
    { title, ...(isReader ? { organisation: organisationName(deps) } : {}) },
    <section class="error">
      <p class="code">{status}</p>
      <h1>{title}</h1>
      {explain(status, error, requestId, deps.sandbox)}
      {status === 401 || isReader || c.get('visitor')?.isAdmin === false ? null : <Home />}
    </section>,
    status,
  )
}

function explain(status: ErrorStatus, error: unknown, requestId: string, isSandbox: boolean): Child {
  if (status === 500 || status === 503) {
    return (
      <>
        <p>
          {status === 500
            ? 'Try again. If it happens again, tell whoever runs this server, with the reference below: it finds the cause in the log.'
            : isAppError(error, 'disk_full')
              ? error.message
              : 'The database does not answer. Reload this page in a moment; the log says more.'}
        </p>
        <p>
          Reference <code>{requestId}</code>
        </p>
      </>
    )
  }
  if (status === 401) return <HowToSignIn isSandbox={isSandbox} />
  return <p>{isAppError(error) ? error.message : ''}</p>
}

function Home() {
  return (
    <p>
      <a href="/dashboard/">Go to the plan of the day</a>
    </p>
  )
}

function HowToSignIn({ isSandbox }: { isSandbox: boolean }) {
  return (
    <>
      {isSandbox ? (
        <p>
          The sandbox opens by the address that it printed when it started. Or get a link on the machine that runs it:
        </p>
      ) : (
        <p>This page is for people who signed in. On the machine that runs Rapporteur, get a link that signs you in:</p>
      )}
      <pre>
        <code>npx rapporteur sign-in-link{isSandbox ? ' --sandbox' : ''}</code>
      </pre>
      <p>It works once, within 15 minutes. Open it in this browser.</p>
    </>
  )
}
