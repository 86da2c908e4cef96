import { parseArgs } from 'node:util'
import { densityBench } from './density.ts'
import type { Bench, Figure } from './figure.ts'
import { floodBench } from './flood.ts'
import { googleSyncBench } from './google-sync.ts'
import { herdBench } from './herd.ts'
import { idleBench } from './idle.ts'
import { onboardBench } from './onboard.ts'
import { planBench } from './plan.ts'
import { pushLatencyBench } from './push-latency.ts'
import { reconcileBench } from './reconcile.ts'
import { speechBench } from './speech.ts'
import { startupBench } from './startup.ts'
import { takeoverBench } from './takeover.ts'

const benches: readonly Bench[] = [
  planBench,
  reconcileBench,
  googleSyncBench,
  onboardBench,
  pushLatencyBench,
  speechBench,
  startupBench,
  densityBench,
  takeoverBench,
  herdBench,
  idleBench,
  floodBench,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, full: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
const chosen = positionals.length === 0 ? benches : benches.filter((bench) => positionals.includes(bench.name))

if (values.help || chosen.length < positionals.length) {
  console.log('Usage: npm run bench -- [NAME…] [--full] [--json]\n')
  for (const bench of benches) console.log(`  ${bench.name.padEnd(10)} ${bench.about}`)
  process.exitCode = values.help ? 0 : 2
} else {
  for (const bench of chosen) await runBench(bench)
}

async function runBench(bench: Bench): Promise<void> {
  const note = (line: string) => console.error(line)
  const figures = await bench.run({ full: values.full === true, note })
  printTable(bench, figures)
  if (values.json) console.log(JSON.stringify({ bench: bench.name, figures }))
}

function printTable(bench: Bench, figures: readonly Figure[]): void {
  const print = values.json ? console.error : console.log
  print(`\n${bench.name}: ${bench.about}`)
  const width = Math.max(...figures.map((figure) => figure.name.length))
  for (const { name, value, unit, expected, met } of figures) {
    const verdict = met === null ? '' : met ? `${expected}  met` : `${expected}  NOT MET`
    print(`  ${name.padEnd(width)}  ${String(value).padStart(9)} ${unit.padEnd(6)} ${verdict}`)
  }
}
