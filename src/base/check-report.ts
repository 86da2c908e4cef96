/** What one check found. */
export interface CheckReport {
  name: string
  outcome: 'ok' | 'warning' | 'failed'
  /** One sentence: what was found and, unless all is well, what to do. */
  message: string
}

export function ok(name: string, message: string): CheckReport {
  return { name, outcome: 'ok', message }
}

export function warning(name: string, message: string): CheckReport {
  return { name, outcome: 'warning', message }
}

export function failed(name: string, message: string): CheckReport {
  return { name, outcome: 'failed', message }
}
