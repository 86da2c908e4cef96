import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import { assets } from '../assets.ts'
import type { Visitor } from '../visitor.ts'
import { ActionForm } from './blocks.tsx'

type NavEntry = 'day' | 'calendars' | 'problems'

const navigation: readonly { entry: NavEntry; path: string; label: string }[] = [
  { entry: 'day', path: '/dashboard/', label: 'Plan' },
  { entry: 'calendars', path: '/dashboard/calendars/', label: 'Calendars' },
  { entry: 'problems', path: '/dashboard/problems/', label: 'Problems' },
]

export interface LayoutProps {
  title: string
  /** Where this page stands in the navigation. */
  current?: NavEntry
  visitor: Visitor | undefined
  sandbox: boolean
  version: string
  /** How many things need somebody; shown in the navigation where known. */
  attention?: number
  /** The zone of the times on this page. */
  zone?: string
  /** Set on pages for people outside the dashboard, who see nothing but the name of the organisation around them. */
  organisation?: string
  /** Adds the transcript's style, and its script where it is `scripted`. */
  transcript?: 'plain' | 'scripted'
  children: Child
}

/** The frame of every page, and the only place that writes html, head and body. */
export function Layout(props: LayoutProps) {
  return html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${props.attention ? `(${props.attention}) ` : ''}${props.title} · Rapporteur`}</title>
        <link rel="stylesheet" href={assets.style.path} />
        {props.transcript === undefined ? null : <link rel="stylesheet" href={assets.transcriptStyle.path} />}
        {props.transcript === 'scripted' ? <Script /> : null}
        <link rel="icon" type="image/svg+xml" href={assets.icon.path} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        {props.sandbox ? <SandboxStrip /> : null}
        {props.organisation === undefined ? <Header {...props} /> : <ReaderHeader name={props.organisation} />}
        <main id="main" tabindex={-1}>
          {props.children}
        </main>
        <footer>
          <p>Rapporteur {props.version}</p>
          {props.organisation === undefined ? null : (
            <p>
              <a href="/about-bot/">About the bot</a>
            </p>
          )}
        </footer>
      </body>
    </html>
  )}`
}

function SandboxStrip() {
  return (
    <aside class="sandbox" aria-label="Sandbox">
      <strong>Sandbox</strong> A pretend organisation: its people, calendars and meetings are made up.
    </aside>
  )
}

/** A module runs when the page is there. */
function Script() {
  return <script type="module" src={assets.transcriptScript.path} />
}

function ReaderHeader({ name }: { name: string }) {
  return (
    <header class="top">
      <div class="bar">
        <bdi class="brand">{name}</bdi>
      </div>
    </header>
  )
}

function Header({ current, visitor, attention, zone }: LayoutProps) {
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href="/dashboard/">
          Rapporteur
        </a>
        {visitor?.isAdmin ? (
          <nav aria-label="Pages">
            {navigation.map(({ entry, path, label }) => (
              <a href={path} aria-current={entry === current ? 'page' : undefined}>
                {label}
                {entry === 'problems' && attention ? <Count count={attention} /> : null}
              </a>
            ))}
          </nav>
        ) : null}
        <div class="account">
          {zone === undefined ? null : <span class="muted">Times in {zone}</span>}
          {visitor?.hasSession ? (
            <>
              {visitor.email === null ? null : <bdi class="muted">{visitor.email}</bdi>}
              <ActionForm action="/dashboard/sign-out/" csrf={visitor.csrfToken} label="Sign out" />
            </>
          ) : null}
        </div>
      </div>
    </header>
  )
}

function Count({ count }: { count: number }) {
  return (
    <span class="count">
      {count}
      <span class="hidden"> {count === 1 ? 'needs' : 'need'} somebody</span>
    </span>
  )
}
