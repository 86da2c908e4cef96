const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const IRREGULAR_ORDINALS: Record<string, string> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
}

/** A whole number below a thousand million as English words without "and". */
export function spellNumber(value: number): string {
  for (const [size, name] of [
    [1_000_000, 'million'],
    [1_000, 'thousand'],
    [100, 'hundred'],
  ] as const) {
    if (value >= size) return joined(spellNumber(Math.floor(value / size)), name, value % size)
  }
  if (value < 20) return SMALL[value] ?? ''
  return joined(TENS[Math.floor(value / 10)] ?? '', '', value % 10)
}

/** "first", "twenty second", "thirtieth". */
export function spellOrdinal(value: number): string {
  const words = spellNumber(value).split(' ')
  const last = words.pop() ?? ''
  return [...words, IRREGULAR_ORDINALS[last] ?? `${last.replace(/y$/, 'ie')}th`].join(' ')
}

function joined(head: string, name: string, rest: number): string {
  return [head, name, rest > 0 ? spellNumber(rest) : ''].filter(Boolean).join(' ')
}
