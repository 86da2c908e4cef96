import { findNotice } from '../notices.ts'
import { Banner } from './blocks.tsx'

/** Says that what a form asked for was done, once the browser is back on a page. */
export function Notice({ name }: { name: string | undefined }) {
  const text = findNotice(name)
  return text === undefined ? null : (
    <Banner tone="good">
      <p role="status">{text}</p>
    </Banner>
  )
}
