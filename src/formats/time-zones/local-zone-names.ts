/** The languages in which names of zones are met most, and one zone for each clock that has a name of its own: looked up once, in some 0.2 s. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'ja']
const ZONES = (
  'Europe/Berlin Europe/London Europe/Lisbon Europe/Athens Europe/Moscow Europe/Istanbul America/New_York America/Chicago America/Denver ' +
  'America/Los_Angeles America/Anchorage Pacific/Honolulu America/Halifax America/Sao_Paulo America/Argentina/Buenos_Aires Asia/Tokyo ' +
  'Asia/Shanghai Asia/Kolkata Asia/Singapore Asia/Hong_Kong Asia/Seoul Australia/Sydney Australia/Perth Pacific/Auckland Africa/Johannesburg'
).split(' ')
const STYLES = ['longGeneric', 'long'] as const
/** Winter and summer, by which both names of a zone are found. */
const SEASONS = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)]

let zonesByName: ReadonlyMap<string, string> | undefined

/** The zone that is called so in one of the usual languages (`Mitteleuropäische Zeit`), by the machine's own table (Unicode CLDR). */
export function zoneOfLocalName(name: string): string | undefined {
  zonesByName ??= readNames()
  return name === '' ? undefined : zonesByName.get(name.toLowerCase())
}

/** Where several zones are called the same the first counts. */
function readNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const timeZone of ZONES) {
    for (const language of LANGUAGES) {
      for (const timeZoneName of STYLES) {
        const format = new Intl.DateTimeFormat(language, { timeZone, timeZoneName })
        for (const at of SEASONS) {
          const part = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')
          const name = part?.value.toLowerCase() ?? ''
          if (!/\d/.test(name) && !names.has(name)) names.set(name, timeZone)
        }
      }
    }
  }
  return names
}
