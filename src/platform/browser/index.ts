export { type FoundBrowser, findBrowser } from './find-browser.ts'
export { launchBrowser, type RunningBrowser } from './launch-browser.ts'
export { endProcessGroup } from './process-group.ts'
