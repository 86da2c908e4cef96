import { expect, test } from 'vitest'
import { createWorkQueue } from './work-queue.ts'

/** Work that is done when it is told to be. */
function createWork() {
  const begun: string[] = []
  const finish = new Map<string, () => void>()
  const work = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve) => finish.set(name, () => resolve(name)))
  }
  return { begun, work, done: (name: string) => finish.get(name)?.() }
}

test('so much at a time, in order of arrival, and nothing is refused', async () => {
  const { begun, work, done } = createWork()
  const queue = createWorkQueue({ width: 2, room: 4 })
  const results = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.run(work(name)))
  expect([begun, queue.pending]).toEqual([['a', 'b'], 5])
  done('b')
  expect(await results[1]).toBe('b')
  await results[1]
  expect([begun, queue.pending]).toEqual([['a', 'b', 'c'], 4])
  for (const name of ['a', 'c', 'd', 'e']) {
    done(name)
    expect(await results['abcde'.indexOf(name)]).toBe(name)
  }
  expect(queue.pending).toBe(0)
})

test('there is room again once less than that is pending', async () => {
  const { work, done } = createWork()
  const queue = createWorkQueue({ width: 1, room: 2 })
  await queue.whenRoom()
  const results = [queue.run(work('a')), queue.run(work('b'))]
  let hasRoom = false
  const room = queue.whenRoom().then(() => {
    hasRoom = true
  })
  await Promise.resolve()
  expect(hasRoom).toBe(false)
  done('a')
  await room
  expect([hasRoom, queue.pending]).toEqual([true, 1])
  done('b')
  await Promise.all(results)
})

test('work that fails makes way for the next', async () => {
  const queue = createWorkQueue({ width: 1, room: 1 })
  const failing = queue.run(() => {
    throw new Error('no')
  })
  const next = queue.run(async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('aborting takes away what waits and turns away from what runs; its place is free only when it is done', async () => {
  const { begun, work, done } = createWork()
  const queue = createWorkQueue({ width: 1, room: 1 })
  const [running, waiting, seeking] = [new AbortController(), new AbortController(), new AbortController()]
  const a = queue.run(work('a'), running.signal)
  const b = queue.run(work('b'), waiting.signal)
  const c = queue.run(work('c'))
  const room = queue.whenRoom(seeking.signal)
  for (const controller of [running, waiting, seeking]) controller.abort(new Error('enough'))
  for (const promise of [a, b, room]) await expect(promise).rejects.toThrow('enough')
  expect([begun, queue.pending]).toEqual([['a'], 2])
  done('a')
  await expect.poll(() => begun).toEqual(['a', 'c'])
  done('c')
  expect(await c).toBe('c')
})

test('closing fails what waits and what comes, and leaves what runs alone', async () => {
  const { work, done } = createWork()
  const queue = createWorkQueue({ width: 1, room: 1 })
  const [a, b] = [queue.run(work('a')), queue.run(work('b'))]
  queue.close(new Error('closed'))
  await expect(b).rejects.toThrow('closed')
  await expect(queue.run(work('c'))).rejects.toThrow('closed')
  await queue.whenRoom()
  done('a')
  expect(await a).toBe('a')
})
