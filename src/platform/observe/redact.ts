import { REDACTED, redactText } from './redact-text.ts'
import { isSensitiveName } from './sensitive-names.ts'
import { serialiseError } from './serialise-error.ts'

const MAX_DEPTH = 8
const MAX_ITEMS = 200

/**
 * A copy of any value that is safe to log: secrets replaced by name and by look at any depth, errors written out, cycles, depth and
 * size bounded. Never throws, for a log line must not be what breaks the work it tells of.
 */
export function redact(value: unknown): unknown {
  return copyOf(value, [])
}

function copyOf(value: unknown, ancestors: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value)
    case 'bigint':
      return String(value)
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    case 'object':
      return value === null ? null : copyOfObject(value, ancestors)
    default:
      return value
  }
}

function copyOfObject(value: object, ancestors: readonly object[]): unknown {
  if (ancestors.includes(value)) return '[circular]'
  if (ancestors.length >= MAX_DEPTH) return '[deeper]'
  const path = [...ancestors, value]
  try {
    if (value instanceof Error) return serialiseError(value, (part) => copyOf(part, path))
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString()
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (Array.isArray(value)) return copyOfItems(value, path)
    if (value instanceof Set) return copyOfItems([...value], path)
    if (value instanceof Map || value instanceof Headers || value instanceof URLSearchParams) {
      return copyOfEntries(
        [...value].map(([name, item]) => [String(name), item]),
        path,
      )
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') return copyOf(value.toJSON(), path)
    return copyOfEntries(Object.entries(value), path)
  } catch {
    return '[unreadable]' // A getter or toJSON that throws.
  }
}

function copyOfItems(items: readonly unknown[], path: readonly object[]): unknown[] {
  const copies = items.slice(0, MAX_ITEMS).map((item) => copyOf(item, path))
  return items.length > MAX_ITEMS ? [...copies, `… ${items.length - MAX_ITEMS} more`] : copies
}

function copyOfEntries(entries: readonly [string, unknown][], path: readonly object[]): Record<string, unknown> {
  // `{ name: 'authorization', value: … }` is how many libraries write a header.
  const named = entries.find(([name, value]) => name === 'name' && typeof value === 'string')?.[1]
  const hidesValue = typeof named === 'string' && isSensitiveName(named)
  const shown = entries.slice(0, MAX_ITEMS).map(([name, value]): [string, unknown] => {
    const isSecret = isSensitiveName(name) || (hidesValue && name === 'value')
    return [redactText(name), isSecret && isTelling(value) ? REDACTED : copyOf(value, path)]
  })
  return Object.fromEntries(shown)
}

/** Whether a secret is there is no secret. */
function isTelling(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '' && typeof value !== 'boolean'
}
