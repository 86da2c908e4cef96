/** What one method was asked and answered. */
interface MethodUsage {
  calls: number
  /** Of bodies, as sent. */
  bytesIn: number
  bytesOut: number
  /** How often each status was answered. */
  statuses: Record<number, number>
}

/** Counts calls and bytes, for benches and for tests of thrift. */
export interface Usage {
  of(method: string): MethodUsage
  total(): MethodUsage
  readonly methods: ReadonlyMap<string, MethodUsage>
  reset(): void
  note(method: string, bytesIn: number, bytesOut: number, status: number): void
}

export function createUsage(): Usage {
  const methods = new Map<string, MethodUsage>()
  return {
    methods,
    of: (method) => methods.get(method) ?? unused(),
    total: () => [...methods.values()].reduce(add, unused()),
    reset: () => methods.clear(),
    note(method, bytesIn, bytesOut, status) {
      const usage = methods.get(method) ?? unused()
      methods.set(method, add(usage, { calls: 1, bytesIn, bytesOut, statuses: { [status]: 1 } }))
    },
  }
}

function unused(): MethodUsage {
  return { calls: 0, bytesIn: 0, bytesOut: 0, statuses: {} }
}

function add(a: MethodUsage, b: MethodUsage): MethodUsage {
  const statuses = { ...a.statuses }
  for (const [status, count] of Object.entries(b.statuses)) {
    statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count
  }
  return {
    calls: a.calls + b.calls,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
    statuses,
  }
}
