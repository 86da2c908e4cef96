import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MINUTE_MS } from '../src/base/time.ts'
import { atMost, type Bench, median, reported, timed } from './figure.ts'
import { endChild, until, untilDone } from './patience.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export const startupBench: Bench = {
  name: 'startup',
  about: 'From the command to the first answered page: a first start, and warm ones.',
  async run({ full, note }) {
    const firsts: number[] = []
    const warms: number[] = []
    const nodes: number[] = []
    for (let round = 0; round < (full ? 10 : 3); round++) {
      const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
      await chmod(dataDir, 0o711)
      firsts.push(await startAndStop(dataDir))
      for (let again = 0; again < 2; again++) warms.push(await startAndStop(dataDir))
      nodes.push((await timed(() => once(spawn(process.execPath, ['-e', '0']), 'exit'))).ms / 1_000)
      await rm(dataDir, { recursive: true, force: true })
      note(`round ${round + 1}: first ${firsts.at(-1)?.toFixed(2)} s, warm ${warms.at(-1)?.toFixed(2)} s`)
    }
    return [
      reported('yardstick: starting bare Node, median', median(nodes), 's'),
      reported('first start to serving, median', median(firsts), 's'),
      atMost('warm start to serving, median', median(warms), 's', 5),
      atMost('warm start to the first attended meeting', await startToAttended(note), 's', 90),
    ]
  },
}

/** Seconds from a warm start of the sandbox until a bot sits in the first meeting. */
async function startToAttended(note: (line: string) => void): Promise<number> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  await chmod(dataDir, 0o711)
  await startAndStop(dataDir)
  note('waiting for the first meeting')
  const began = performance.now()
  const { child, address } = await untilDone('the program serves its first page', startServing(dataDir))
  const isAttended = async () => (await (await fetch(address)).text()).includes('Recording')
  await until('the first meeting is attended', isAttended, 3 * MINUTE_MS)
  const seconds = (performance.now() - began) / 1_000
  await endChild(child, 'the program’s end')
  await rm(dataDir, { recursive: true, force: true })
  return seconds
}

/** Seconds from starting the sandbox until its page answers. */
async function startAndStop(dataDir: string): Promise<number> {
  const { ms, result } = await timed(() => untilDone('the program serves its first page', startServing(dataDir)))
  const { child } = result
  await endChild(child, 'the program’s end')
  return ms / 1_000
}

async function startServing(dataDir: string): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [path.join(root, 'bin/rapporteur.js'), 'start'], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0' },
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/^Open\s+(\S+)/)?.[1]
    if (!address) continue
    const opened = await fetch(address, { redirect: 'manual' })
    const [cookie = ''] = opened.headers.getSetCookie()
    const answer = await fetch(new URL('/dashboard/', address), { headers: { cookie: cookie.split(';')[0] ?? '' } })
    if (!answer.ok) throw new Error(`The first page answered ${answer.status}`)
    await answer.text()
    child.stdout.resume()
    return { child, address }
  }
  throw new Error('The program ended before it served a page')
}
