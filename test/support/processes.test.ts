import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { signalProcess } from './processes.ts'

test('a process that has ended by itself before it was killed is no fault, and nobody kills all of this one’s group', async () => {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  expect(signalProcess(child.pid)).toBe(false)
  expect(() => signalProcess(undefined)).toThrow('no process')
  expect(() => signalProcess(0)).toThrow('no process')
})
