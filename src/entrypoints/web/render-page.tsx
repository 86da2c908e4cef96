import type { Child } from 'hono/jsx'
import { Layout, type LayoutProps } from './components/layout.tsx'
import { scriptedPagePolicy } from './guards/security-headers.ts'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'

type PageFrame = Pick<LayoutProps, 'title' | 'current' | 'attention' | 'zone' | 'organisation' | 'transcript'>

/** Answers with a page in the frame that all pages share. */
export async function renderPage(
  c: WebContext,
  deps: Pick<WebDeps, 'sandbox' | 'version'>,
  frame: PageFrame,
  body: Child,
  status: 200 | 400 | 401 | 403 | 404 | 405 | 410 | 413 | 421 | 429 | 500 | 503 = 200,
): Promise<Response> {
  // Under no-referrer browsers send "Origin: null" with a form, and we could not tell it from a foreign one. Pages for readers have no form.
  if (frame.organisation === undefined) c.header('Referrer-Policy', 'same-origin')
  if (frame.transcript === 'scripted') c.header('Content-Security-Policy', scriptedPagePolicy)
  const page = (
    <Layout {...frame} visitor={c.get('visitor')} sandbox={deps.sandbox} version={deps.version}>
      {body}
    </Layout>
  )
  return c.html(page, status)
}
