import { expect, test } from 'vitest'
import { within } from './within.ts'

const late = () => new Error('The door did not open')

test('what comes in time is answered, and a failure is thrown as it is', async () => {
  expect(await within(60_000, Promise.resolve(7), late)).toBe(7)
  await expect(within(60_000, Promise.reject(new Error('broken')), late)).rejects.toThrow('broken')
})

test('what does not come in time is said, and nobody minds when it fails later', async () => {
  const door = Promise.withResolvers<never>()
  await expect(within(1, door.promise, late)).rejects.toThrow('The door did not open')
  door.reject(new Error('It fell off'))
  await expect(door.promise).rejects.toThrow()
})
