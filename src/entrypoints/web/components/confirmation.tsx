import { findConfirmation } from '../confirmations.ts'
import { Banner } from './blocks.tsx'

/** Says that what a form asked for was done, once the browser is back on a page. */
export function Confirmation({ name }: { name: string | undefined }) {
  const text = findConfirmation(name)
  return text === undefined ? null : (
    <Banner tone="good">
      <p role="status">{text}</p>
    </Banner>
  )
}
