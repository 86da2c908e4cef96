import type { WebDeps } from './web-deps.ts'

/** How the organisation is called where people outside the dashboard read it: by its domains, which they know from its addresses. */
export function organisationName(deps: Pick<WebDeps, 'transcripts'>): string {
  const { orgDomains } = deps.transcripts.sharing
  return orgDomains.length > 0 ? orgDomains.join(', ') : 'Rapporteur'
}
