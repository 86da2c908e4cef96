import type { AppError } from '../../../../base/errors.ts'
import { type ProviderName, providerNamed } from '../../../../features/calendars/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { organisationName } from '../../organisation-name.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'

interface Connected {
  outcome: 'connected' | 'connected_again' | 'already_delegated'
  email: string
}

/** What was connected, and what happens next. Without `result` the address was not made by us just now. */
export function renderConnected(
  c: WebContext,
  deps: WebDeps,
  { provider, result }: { provider: ProviderName; result: Connected | undefined },
): Promise<Response> {
  const { words } = providerNamed(provider)
  const isAdmin = c.get('visitor')?.isAdmin === true
  const isDelegated = result?.outcome === 'already_delegated'
  return renderPage(
    c,
    deps,
    { title: 'Calendar connected', ...frameFor(deps, isAdmin) },
    <section class="error">
      <h1>{isDelegated ? 'It is connected already' : 'Your calendar is connected'}</h1>
      {result === undefined ? null : (
        <p class="muted">
          {words.calendar} of <Foreign text={result.email} />
        </p>
      )}
      <p>
        {isDelegated
          ? 'Your organisation lets us read the calendars of its people, yours among them. There is nothing for you to do.'
          : 'From now on we read its events, the first time within a minute. We never write to it.'}
      </p>
      <h2>What happens next</h2>
      <ul>
        <li>A bot comes to your meetings only while an administrator has attendance switched on.</li>
        <li>
          To keep it out of one, put <code>#norecord</code> into the title of the invitation, or decline it.
        </li>
        {isDelegated ? null : <li>To disconnect, {words.consent?.withdrawal}, or ask an administrator.</li>}
      </ul>
      <p>{isAdmin ? <a href="/dashboard/calendars/">Go to the calendars</a> : 'You can close this page.'}</p>
    </section>,
  )
}

/** Why nothing was connected, and what to do. */
export function renderRefused(
  c: WebContext,
  deps: WebDeps,
  { provider, error }: { provider: ProviderName; error: AppError },
): Promise<Response> {
  const isAdmin = c.get('visitor')?.isAdmin === true
  return renderPage(
    c,
    deps,
    { title: 'Not connected', ...frameFor(deps, isAdmin) },
    <section class="error">
      <h1>Not connected</h1>
      <p>{error.message}</p>
      <p>
        <a href={`/dashboard/auth/${provider}/`}>Begin again</a>
      </p>
    </section>,
    statuses[error.code.replace(`${provider}_`, '')] ?? 400,
  )
}

/** By the error's code, without the name of the provider. */
const statuses: Record<string, 403 | 503> = {
  consent_domain_refused: 403,
  consent_email_unverified: 403,
  consent_scope_missing: 403,
  client_refused: 503,
  unavailable: 503,
  database_unreachable: 503,
}

/** People who come by a link see nothing of the dashboard around it. */
function frameFor(deps: WebDeps, isAdmin: boolean): { current: 'calendars' } | { organisation: string } {
  return isAdmin ? { current: 'calendars' } : { organisation: organisationName(deps) }
}
