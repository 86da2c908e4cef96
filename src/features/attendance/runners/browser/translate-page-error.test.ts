import { expect, test } from 'vitest'
import { translatePageError } from './translate-page-error.ts'

const timeout = Object.assign(new Error('locator.fill: Timeout 10000ms exceeded.\nCall log:\n - waiting'), {
  name: 'TimeoutError',
})

test.each([
  [
    new Error('page.evaluate: Target page, context or browser has been closed\nBrowser logs:\n/secret/path'),
    'browser_crashed',
  ],
  [new Error('page.goto: net::ERR_CONNECTION_REFUSED at http://x/'), 'unable_to_connect_to_meeting'],
  [timeout, 'ui_element_not_found'],
  ['something else', 'page_unresponsive'],
])('%s is %s, on one line', (error, code) => {
  const translated = translatePageError(error)
  expect(translated.code).toBe(code)
  expect(translated.message).not.toMatch(/\n|secret/)
})
