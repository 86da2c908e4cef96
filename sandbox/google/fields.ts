import { invalidValue } from './errors.ts'

/** What of an answer is wanted: names, each with what of it, or null for all. */
export type Mask = Map<string, Mask | null>

/** Reads `fields=items(id,start),nextPageToken` and `items/id`; undefined where everything is wanted. Throws what Google answers. */
export function readFields(text: string | null): Mask | undefined {
  if (text === null || text.trim() === '' || text.trim() === '*') return undefined
  const tokens = text.match(/[\w-]+|\*|[(),/]/g) ?? []
  if (tokens.join('') !== text.replace(/\s/g, '')) throw invalidFields()
  const mask = readList(tokens)
  if (tokens.length > 0) throw invalidFields()
  return mask
}

/** The part of a value that is wanted; lists are gone through. */
export function applyMask(value: unknown, mask: Mask | null | undefined): unknown {
  if (!mask) return value
  if (Array.isArray(value)) return value.map((one) => applyMask(one, mask))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => mask.has(name) || mask.has('*'))
  return Object.fromEntries(kept.map(([name, one]) => [name, applyMask(one, mask.get(name) ?? mask.get('*'))]))
}

function readList(tokens: string[]): Mask {
  const mask: Mask = new Map()
  do {
    const name = tokens.shift()
    if (!name || /^[(),/]$/.test(name)) throw invalidFields()
    const of = readRest(tokens)
    const known = mask.get(name)
    mask.set(name, known && of ? new Map([...known, ...of]) : of)
  } while (tokens[0] === ',' && tokens.shift())
  return mask
}

function readRest(tokens: string[]): Mask | null {
  if (tokens[0] === '/') {
    tokens.shift()
    const name = tokens.shift()
    if (!name || /^[(),/]$/.test(name)) throw invalidFields()
    return new Map([[name, readRest(tokens)]])
  }
  if (tokens[0] !== '(') return null
  tokens.shift()
  const mask = readList(tokens)
  if (tokens.shift() !== ')') throw invalidFields()
  return mask
}

const invalidFields = () => invalidValue('fields')
