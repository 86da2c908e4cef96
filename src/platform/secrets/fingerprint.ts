import { createHmac } from 'node:crypto'

// Stored beside the data and compared at every start: a different label or length would lock every installation out.
const LABEL = 'rapporteur secret fingerprint v1'

/** Sixteen hex digits by which a secret can be recognised but not found out. The same secret always gives the same ones. */
export function fingerprintOf(secret: string): string {
  return createHmac('sha256', LABEL).update(secret, 'utf8').digest('hex').slice(0, 16)
}
