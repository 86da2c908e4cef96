import { type Property, parseProperty, propertyNameOf } from './property.ts'

/** One VEVENT as its lines; a property is taken apart only when it is asked for. */
export interface Component {
  first(name: string): Property | undefined
  all(name: string): Property[]
  /** The first value of the first such property, trimmed; empty where there is none. */
  text(name: string): string
}

/** Wraps the lines between BEGIN and END. Of names that may stand once only, the first readable line counts. */
export function createComponent(lines: readonly string[]): Component {
  const byName = new Map<string, string[]>()
  for (const line of lines) {
    const name = propertyNameOf(line)
    const known = byName.get(name)
    if (known) known.push(line)
    else byName.set(name, [line])
  }
  const all = (name: string) => (byName.get(name) ?? []).map(parseProperty).filter((property) => property !== undefined)
  const first = (name: string) => {
    for (const line of byName.get(name) ?? []) {
      const property = parseProperty(line)
      if (property) return property
    }
    return undefined
  }
  return { all, first, text: (name) => first(name)?.values[0]?.trim() ?? '' }
}
