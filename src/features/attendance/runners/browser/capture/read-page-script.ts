import { readBundle } from '../../../../../platform/bundles/index.ts'

/** What runs in the page, with `bundle.installCapture`; to stand inside a function, so that the page sees none of it. */
export function readPageScript(): Promise<string> {
  return readBundle(new URL('../../../platforms/page/capture.bundle.ts', import.meta.url))
}
