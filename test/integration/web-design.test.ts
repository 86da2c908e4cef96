import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { assets } from '../../src/entrypoints/web/assets.ts'

const design = readFileSync(new URL('../../DESIGN.md', import.meta.url), 'utf8')
const css = assets.style.body

interface Colour {
  light: string
  dark: string
}

const documented = new Map<string, Colour>(
  [...design.matchAll(/^\| *`([a-z-]+)` *\| *`(#[0-9a-f]{6})` *\| *`(#[0-9a-f]{6})` *\|/gm)].map(
    ([, name, light, dark]) => [name as string, { light: light as string, dark: dark as string }],
  ),
)
const written = new Map<string, Colour>(
  [...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
)
const requirements = [
  ...design.matchAll(/^\| *((?:`[a-z-]+`(?:, )?)+) *\| *((?:`[a-z-]+`(?:, )?)+) *\| *([\d.]+) *\|$/gm),
].flatMap(([, fronts, grounds, ratio]) =>
  namesIn(fronts).flatMap((front) => namesIn(grounds).map((ground) => ({ front, ground, ratio: Number(ratio) }))),
)

describe('The design', () => {
  test('has the same colours on paper and in the style sheet', () => {
    expect(documented.size).toBeGreaterThan(20)
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(documented))
  })

  test('keeps its contrasts in light and in dark', () => {
    expect(requirements.length).toBeGreaterThan(25)
    const failures = requirements.flatMap(({ front, ground, ratio }) =>
      (['light', 'dark'] as const).flatMap((scheme) => {
        const measured = contrast(colourOf(front)[scheme], colourOf(ground)[scheme])
        return measured >= ratio ? [] : [`${front} on ${ground} in ${scheme}: ${measured.toFixed(2)}, not ${ratio}`]
      }),
    )
    expect(failures).toEqual([])
  })

  test('names no colour outside its tokens and uses each of them', () => {
    const rules = css.slice(css.indexOf('@layer base {'))
    expect(rules.match(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/gi)).toBeNull()
    const unused = [...written.keys()].filter((name) => !rules.includes(`var(--${name})`))
    expect(unused).toEqual([])
  })

  test('fits into 12 KB', () => {
    expect(Buffer.byteLength(css)).toBeLessThanOrEqual(12 * 1024)
  })
})

function namesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name as string)
}

function colourOf(name: string): Colour {
  const colour = written.get(name)
  if (!colour) throw new Error(`There is no colour ${name}`)
  return colour
}

/** Ratio of WCAG 2: 1 for equal colours, 21 for black on white. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
