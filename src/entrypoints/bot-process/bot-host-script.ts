import path from 'node:path'

/** The script that a bot host's process runs, compiled or not as we are. */
export const botHostScript: string = path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`)
