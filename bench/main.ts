import { densityBench } from './density.ts'
import type { Bench } from './figure.ts'
import { floodBench } from './flood.ts'
import { googleSyncBench } from './google-sync.ts'
import { herdBench } from './herd.ts'
import { idleBench } from './idle.ts'
import { onboardBench } from './onboard.ts'
import { planBench } from './plan.ts'
import { pushLatencyBench } from './push-latency.ts'
import { reconcileBench } from './reconcile.ts'
import { runBenches } from './run-benches.ts'
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

process.exitCode = await runBenches(benches, process.argv.slice(2))
