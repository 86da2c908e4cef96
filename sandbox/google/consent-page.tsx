import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { pageStyle } from '../page-style.ts'
import { type AuthorizeError, type AuthorizeRequest, isBasicScope } from './authorize-request.ts'
import type { GooglePerson } from './directory.ts'

/** So many accounts are offered; who is looked for by `login_hint` is among them. */
const MOST_ACCOUNTS = 50

interface ConsentPageProps {
  request: AuthorizeRequest
  people: readonly GooglePerson[]
  /** The query of the request, which the form sends along. */
  asked: string
}

const meanings: Record<string, string> = {
  'https://www.googleapis.com/auth/calendar.readonly': 'See your calendars and what is in them',
}

/** Which account, and what the program may do. */
export function ConsentPage({ request, people, asked }: ConsentPageProps) {
  const hinted = people.filter(({ primaryEmail }) => primaryEmail === request.loginHint)
  const others = people.filter((person) => person.deletedAt === null && !hinted.includes(person))
  const accounts = [...hinted, ...others].slice(0, MOST_ACCOUNTS)
  const scopes = request.scopes.filter((scope) => !isBasicScope(scope))
  return (
    <GooglePage title="Sign in with the sandbox’s Google">
      <p>
        A program wants to use your account. When you decide, you go to <code>{new URL(request.redirectUri).host}</code>
        .
      </p>
      <form class="stacked" method="post" action="/o/oauth2/v2/auth">
        <input type="hidden" name="asked" value={asked} />
        <fieldset>
          <legend>Account</legend>
          {accounts.map(({ primaryEmail, name }, index) => (
            <label>
              <input type="radio" name="account" value={primaryEmail} checked={index === 0} />
              <span>
                <bdi>{name}</bdi>, {primaryEmail}
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>It may</legend>
          {scopes.map((scope) => (
            <label>
              <input type="checkbox" name="scope" value={scope} checked />
              <span>
                {meanings[scope] ?? 'do what this scope says'} <small>{scope}</small>
              </span>
            </label>
          ))}
          {scopes.length === 0 ? <p>only know who you are</p> : null}
        </fieldset>
        <p>
          <button type="submit" name="decision" value="allow">
            Allow
          </button>{' '}
          <button type="submit" name="decision" value="deny">
            Deny
          </button>
        </p>
      </form>
    </GooglePage>
  )
}

/** A request that does not come back to the program. */
export function AuthorizeErrorPage({ error }: { error: AuthorizeError }) {
  return (
    <GooglePage title="Access blocked">
      <p>{error.message}</p>
      <p>
        Error 400: <code>{error.code}</code>
      </p>
    </GooglePage>
  )
}

function GooglePage({ title, children }: { title: string; children: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · sandbox`}</title>
        <style>{raw(pageStyle)}</style>
      </head>
      <body>
        <header>The sandbox’s Google. Nobody here exists.</header>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  )
}
