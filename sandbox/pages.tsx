import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { type Colleague, companyName, partners } from './organisation.ts'
import { pageStyle } from './page-style.ts'

/** The path of a person's calendar. */
export function calendarPath({ email }: Colleague): string {
  return `/calendars/${email}.ics`
}

export function Page({ title, children }: { title: string; children: Child }) {
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
        <header>
          <a href="/">{companyName}</a>: a pretend organisation. Nobody here exists.
        </header>
        <main>
          <h1 dir="auto">{title}</h1>
          {children}
        </main>
      </body>
    </html>
  )
}

interface HomePageProps {
  people: readonly Colleague[]
  origin: string
  googleOrigin: string
}

/** Who there is, and where their calendars are. */
export function HomePage({ people, origin, googleOrigin }: HomePageProps) {
  return (
    <Page title="People and calendars">
      <ul>
        {people.map((person) => (
          <li>
            <a href={`/people/${person.email}`} dir="auto">
              {person.name}
            </a>
            <small>
              {person.email},{' '}
              {person.provider === 'google' ? (
                'in the pretend Google'
              ) : (
                <>
                  at <a href={calendarPath(person)}>{`${origin}${calendarPath(person)}`}</a>
                </>
              )}
            </small>
          </li>
        ))}
      </ul>
      <p>
        A person’s page shows the calendar and changes it: invite, move, cancel, decline, enter a room, or break the
        calendar. Organisers’ changes and answers show in everybody’s copy, and soon in Rapporteur’s plan.
      </p>
      <p>
        The pretend Google answers at {googleOrigin}. Whoever opened a channel there is told of changes within moments;
        calendars at an address of their own are looked at every few minutes.
      </p>
      <h2>Partners, with Google accounts of their own</h2>
      <p>Rapporteur does not read these. “Connect your own Google calendar” below its list of calendars tries that.</p>
      <ul>
        {partners.map(({ name, email }) => (
          <li>
            {name}
            <small>{email}</small>
          </li>
        ))}
      </ul>
    </Page>
  )
}
