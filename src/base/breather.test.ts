import { setImmediate as othersFirst } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createBreather } from './breather.ts'

test('of many long computations one has its slice between two turns of everything else', async () => {
  let slices = 0
  let isOver = false
  const compute = async () => {
    const breathe = createBreather()
    for (let n = 0; n < 4; n++) {
      const until = performance.now() + 16
      while (performance.now() < until);
      await breathe()
      slices += 1
    }
  }
  const computing = Promise.all(Array.from({ length: 5 }, compute)).then(() => {
    isOver = true
  })
  const between: number[] = []
  for (let before = slices; !isOver; before = slices) {
    await othersFirst()
    between.push(slices - before)
  }
  await computing
  expect(slices).toBe(20)
  expect(Math.max(...between)).toBe(1)
})
