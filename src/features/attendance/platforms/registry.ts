import type { BrowserPlatform, PlatformAdapter } from './platform.ts'
import { sandboxRoom } from './sandbox/index.ts'

/** Every adapter by its platform; the type makes sure that none is missing. */
export const platformAdapters: Record<BrowserPlatform, PlatformAdapter> = { sandbox: sandboxRoom }
