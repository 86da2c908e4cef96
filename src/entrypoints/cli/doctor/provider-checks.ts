import type { CheckReport } from '../../../base/check-report.ts'
import { systemClock } from '../../../base/clock.ts'
import { VERSION } from '../../../base/version.ts'
import { providerNamed, providerNames } from '../../../features/calendars/index.ts'
import type { LoadedConfig } from '../../../platform/config/index.ts'
import { createHttpClient } from '../../../platform/http/index.ts'

/** Whether each provider that is set up lets us in. */
export async function checkProviders({ config, secrets }: LoadedConfig): Promise<CheckReport[]> {
  await using http = createHttpClient({
    allowPrivateHosts: config.allowPrivateHosts,
    proxyUrl: config.proxy.url,
    noProxy: config.proxy.noProxy,
    userAgent: `Rapporteur/${VERSION}`,
  })
  const parts = { config, secrets, http, clock: systemClock }
  const reports: CheckReport[] = []
  for (const name of providerNames) reports.push(...((await providerNamed(name).check?.(parts)) ?? []))
  return reports
}
