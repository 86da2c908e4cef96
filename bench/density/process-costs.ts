import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Database } from '../../src/platform/db/index.ts'

/** Who a process works for. Speech, the worker, the database and the people who speak are no part of what a bot costs. */
export const groups = ['bot host', 'browser', 'worker', 'speech', 'database', 'people'] as const
type Group = (typeof groups)[number]

/** What the processes of one group had used at an instant: CPU since they began, memory with shared pages divided among those who share. */
interface Cost {
  processes: number
  cpuMs: number
  pssMb: number
}
export type Costs = Record<Group, Cost>

// The kernel counts in hundredths of a second for programs, whatever its own clock (proc_pid_stat(5)).
const TICK_MS = 10

interface ProcessFacts {
  pid: number
  parent: number
  cpuMs: number
}

/** What the processes below these have used so far. */
export function readCosts(roots: { worker: number; people: number; database: number }): Costs {
  const costs = Object.fromEntries(groups.map((group) => [group, { processes: 0, cpuMs: 0, pssMb: 0 }])) as Costs
  const all = readProcesses()
  const visit = (one: ProcessFacts, group: Group) => {
    const cost = costs[group]
    cost.processes++
    cost.cpuMs += one.cpuMs
    cost.pssMb += readPssMb(one.pid)
    for (const child of all) if (child.parent === one.pid) visit(child, groupOfChild(child.pid, group))
  }
  for (const [group, pid] of Object.entries(roots)) {
    const root = all.find((one) => one.pid === pid)
    if (root) visit(root, group as Group)
  }
  return costs
}

/** What was used between two readings; memory is that of the second. */
export function costsBetween(before: Costs, after: Costs): Costs {
  const between = structuredClone(after)
  for (const group of groups) between[group].cpuMs -= before[group].cpuMs
  return between
}

/** The process of the database's server, by one of its own. */
export async function postmasterOf(db: Database): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
  const status = readText(`/proc/${rows[0]?.pid}/status`) ?? ''
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0)
}

/** CPU that a process and all below it have used so far. */
export function readCpuMs(pid: number): number {
  const all = readProcesses()
  const below = (parent: number): number =>
    all.reduce((sum, one) => (one.parent === parent ? sum + one.cpuMs + below(one.pid) : sum), 0)
  return below(pid) + (all.find((one) => one.pid === pid)?.cpuMs ?? 0)
}

function groupOfChild(pid: number, parent: Group): Group {
  if (parent === 'bot host') return 'browser'
  if (parent !== 'worker') return parent
  const command = readText(`/proc/${pid}/cmdline`) ?? ''
  if (command.includes('bot-process')) return 'bot host'
  return command.includes('hearing-') ? 'speech' : 'worker'
}

function readProcesses(): ProcessFacts[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const text = readText(`/proc/${entry}/stat`)
    if (text === undefined) return []
    // The name may hold anything, brackets too; what follows it are numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
    return [{ pid: Number(entry), parent: Number(fields[1]), cpuMs: ticks * TICK_MS }]
  })
}

function readPssMb(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? '') ?? []
  return Number(kilobytes ?? 0) / 1_024
}

/** Undefined where the process is gone. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
