/** Gives the first of what was put in, whatever the order. */
export interface Heap<T> {
  push(item: T): void
  /** The first, which stays. */
  peek(): T | undefined
  /** Takes the first out. */
  pop(): T | undefined
}

/** A binary heap: each step costs the logarithm of how much is in it. `compare` as for sorting; equal ones come in any order. */
export function createHeap<T>(compare: (a: T, b: T) => number): Heap<T> {
  const items: T[] = []
  const isBefore = (i: number, j: number) => compare(items[i] as T, items[j] as T) < 0
  const swap = (i: number, j: number) => {
    ;[items[i], items[j]] = [items[j] as T, items[i] as T]
  }
  return {
    peek: () => items[0],
    push(item) {
      items.push(item)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isBefore(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2]
        let least = at
        if (left < items.length && isBefore(left, least)) least = left
        if (right < items.length && isBefore(right, least)) least = right
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
