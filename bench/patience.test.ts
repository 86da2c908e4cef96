import { fork } from 'node:child_process'
import { expect, test } from 'vitest'
import { hear, until, untilDone, whileItMoves } from './patience.ts'

test('what is waited for in vain is said', async () => {
  await expect(until('the door opens', () => false, 1)).rejects.toThrow('in vain: the door opens')
  await expect(untilDone('the guest', new Promise(() => {}), 1)).rejects.toThrow('in vain: the guest')
})

test('what moves may take its time; what stands still is told as it stands', async () => {
  let left = 2
  await whileItMoves(async () => ({ isOver: left === 0, told: `${left--} left` }), 10_000)
  await expect(whileItMoves(async () => ({ isOver: false, told: '3 left' }), 1)).rejects.toThrow('3 left')
})

test('a process that ends instead of speaking is told of', async () => {
  const child = fork('.', { execArgv: ['-e', 'process.send(1, () => process.disconnect())'] })
  await expect(hear<number>(child, 'it says two', (said) => said === 2)).rejects.toThrow('before it said: it says two')
})
