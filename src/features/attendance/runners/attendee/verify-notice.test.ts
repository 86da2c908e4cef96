import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signPayload } from '../../../../../sandbox/attendee/canonical-json.ts'
import { isGenuineNotice } from './verify-notice.ts'

const SECRET = Buffer.from('a secret of this test').toString('base64')
const sign = (canonical: string) => createHmac('sha256', 'a secret of this test').update(canonical).digest('base64')

test('a notice is judged by its canonical form, however it was written', () => {
  // Made with Python: json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).
  const canonical = '{"10":"x","9":1.0,"bot_id":"bot_1","data":{"a":null,"ä":"Grüße\\n\\"\\u0001","é":[1e+20,-0.5]}}'
  const sent =
    '{ "data": {"é": [1e+20, -0.5], "\\u00e4": "Gr\\u00fc\\u00dfe\\n\\"\\u0001", "a": null},\n "bot_id": "bot_1", "9": 1.0, "10": "x" }'
  expect(isGenuineNotice(sent, sign(canonical), SECRET)).toBe(true)
  expect(isGenuineNotice(sent.replace('bot_1', 'bot_2'), sign(canonical), SECRET)).toBe(false)
})

test.each([
  ['no signature', '{}', undefined],
  ['an empty one', '{}', ''],
  ['one of other words', '{}', sign('[]')],
  ['no JSON', '{', sign('{')],
])('with %s nothing is believed', (_what, body, signature) => {
  expect(isGenuineNotice(body, signature, SECRET)).toBe(false)
})

test('whatever JSON the stand-in signs is believed, and nothing that differs', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (payload, other) => {
      const body = JSON.stringify(payload)
      expect(isGenuineNotice(body, signPayload(JSON.parse(body), SECRET), SECRET)).toBe(true)
      const changed = JSON.stringify({ ...payload, '': [other, 1] })
      expect(isGenuineNotice(changed, signPayload(JSON.parse(body), SECRET), SECRET)).toBe(false)
    }),
  )
})
