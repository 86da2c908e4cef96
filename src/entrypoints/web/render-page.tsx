import type { Child } from 'hono/jsx'
import { Layout, type LayoutProps } from './components/layout.tsx'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'

export type PageFrame = Pick<LayoutProps, 'title' | 'current' | 'attention' | 'zone'>

/** Answers with a page in the frame that all pages share. */
export async function renderPage(
  c: WebContext,
  deps: Pick<WebDeps, 'sandbox' | 'version'>,
  frame: PageFrame,
  body: Child,
  status: 200 | 400 | 401 | 403 | 404 | 405 | 410 | 413 | 421 | 500 | 503 = 200,
): Promise<Response> {
  // Under no-referrer browsers send "Origin: null" with a form, and we could not tell it from a foreign one.
  c.header('Referrer-Policy', 'same-origin')
  const page = (
    <Layout {...frame} visitor={c.get('visitor')} sandbox={deps.sandbox} version={deps.version}>
      {body}
    </Layout>
  )
  return c.html(page, status)
}
