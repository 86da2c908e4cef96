import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { launchTestBrowser } from '../../../test/support/browser.ts'
import { isRunning } from '../../../test/support/processes.ts'
import type { RunningBrowser } from './launch-browser.ts'
import { groupOfProcess } from './process-group.ts'

/** The processes of a browser that are alive. */
function processesOf({ processGroup }: RunningBrowser): number[] {
  const all = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return all.map(Number).filter((pid) => isRunning(pid) && groupOfProcess(pid) === processGroup)
}

test('what Playwright switches off stays switched off beside what we do, and a page has no second process', async () => {
  await using running = await launchTestBrowser()
  const context = await running.browser.newContext()
  await context.newPage()
  const lines = processesOf(running).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'))
  const switches = lines.find((line) => line.includes('--remote-debugging-pipe')) ?? []
  const [theirs, ours] = switches.filter((one) => one.startsWith('--disable-features=')).map((one) => one.split(/[=,]/))
  expect(ours).toEqual(expect.arrayContaining(theirs ?? ['anything']))
  expect(lines.filter((line) => line.includes('--top-chrome-webui'))).toEqual([])
})

test('a browser answers, and when it is killed nothing of its group is left', async () => {
  let hasCrashed = () => {}
  const crashed = new Promise<void>((resolve) => {
    hasCrashed = resolve
  })
  await using running = await launchTestBrowser([], hasCrashed)
  await running.answer()
  running.kill()
  await crashed
  await expect.poll(() => processesOf(running)).toEqual([])
})
