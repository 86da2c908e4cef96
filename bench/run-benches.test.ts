import { expect, test } from 'vitest'
import { atMost, type Bench, type Figure, reported } from './figure.ts'
import { runBenches } from './run-benches.ts'

const bench = (name: string, ...figures: Figure[]): Bench => ({ name, about: 'of a test', run: async () => figures })
const met = atMost('quick', 1, 's', 5)
const missed = atMost('slow', 9, 's', 5)

async function run(benches: readonly Bench[], ...args: string[]): Promise<{ status: number; said: string }> {
  const lines: string[] = []
  const print = { log: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) }
  const status = await runBenches(benches, args, print)
  return { status, said: lines.join('\n') }
}

test('a missed figure fails the program, also where a later bench meets its own', async () => {
  const { status, said } = await run([bench('first', met, missed), bench('second', met)])
  expect(status).toBe(1)
  expect(said).toContain('NOT MET')
  expect(said).toContain('second')
})

test('a missed figure fails the program that prints for programs', async () => {
  expect((await run([bench('first', missed)], '--json')).status).toBe(1)
})

test('figures that are met, or only reported, pass', async () => {
  expect((await run([bench('first', met, reported('seen', 9, 's'))])).status).toBe(0)
})

test('only the named benches count; an unknown name runs none', async () => {
  const benches = [bench('first', met), bench('second', missed)]
  expect((await run(benches, 'first')).status).toBe(0)
  expect((await run(benches, 'third')).status).toBe(2)
  expect((await run(benches, '--help')).status).toBe(0)
})
