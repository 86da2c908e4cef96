import { parseArgs } from 'node:util'
import type { Bench, Figure } from './figure.ts'

/** Runs the benches that a command line names, all where it names none. Answers how the program is to exit: 1 where a figure was missed. */
export async function runBenches(
  benches: readonly Bench[],
  args: readonly string[],
  print: Pick<Console, 'log' | 'error'> = console,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean' }, full: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  const chosen = positionals.length === 0 ? benches : benches.filter((bench) => positionals.includes(bench.name))
  if (values.help || chosen.length < positionals.length) {
    print.log('Usage: npm run bench -- [NAME…] [--full] [--json]\n')
    for (const bench of benches) print.log(`  ${bench.name.padEnd(10)} ${bench.about}`)
    return values.help ? 0 : 2
  }
  let isMissed = false
  for (const bench of chosen) {
    const figures = await bench.run({ full: values.full === true, note: (line) => print.error(line) })
    for (const line of tableOf(bench, figures)) values.json ? print.error(line) : print.log(line)
    if (values.json) print.log(JSON.stringify({ bench: bench.name, figures }))
    isMissed ||= figures.some(({ met }) => met === false)
  }
  return isMissed ? 1 : 0
}

function tableOf(bench: Bench, figures: readonly Figure[]): string[] {
  const width = Math.max(...figures.map((figure) => figure.name.length))
  const rows = figures.map(({ name, value, unit, expected, met }) => {
    const verdict = met === null ? '' : met ? `${expected}  met` : `${expected}  NOT MET`
    return `  ${name.padEnd(width)}  ${String(value).padStart(9)} ${unit.padEnd(6)} ${verdict}`
  })
  return [`\n${bench.name}: ${bench.about}`, ...rows]
}
