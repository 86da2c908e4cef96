export interface Reference {
  from: string
  to: string
}

/**
 * The tables in an order in which each comes after those it refers to; by name where that leaves a choice. A table may refer to itself:
 * COPY checks foreign keys when all its rows are in. Throws if tables refer to each other in a circle, which no order can load.
 */
export function orderTables<T extends { name: string }>(tables: readonly T[], references: readonly Reference[]): T[] {
  const byName = new Map(tables.map((table) => [table.name, table]))
  const waiting = new Map(tables.map(({ name }) => [name, new Set<string>()]))
  for (const { from, to } of references) if (from !== to && byName.has(to)) waiting.get(from)?.add(to)
  const ordered: T[] = []
  while (waiting.size > 0) {
    const free = [...waiting].filter(([, needs]) => needs.size === 0).map(([name]) => name)
    if (free.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`)
    for (const name of free.sort()) {
      ordered.push(byName.get(name) as T)
      waiting.delete(name)
    }
    for (const needs of waiting.values()) for (const name of free) needs.delete(name)
  }
  return ordered
}
