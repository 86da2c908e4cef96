// A bot host whose browser takes long: it says nothing until it is signalled. Where it lives is written into its folder.
import { writeFileSync } from 'node:fs'
import path from 'node:path'

process.on('SIGUSR2', () =>
  process.send?.({ type: 'ready', version: '1.0', isSandboxed: true, processGroup: process.pid }),
)
process.on('message', (order: { type: string; dataDir?: string }) => {
  if (order.type === 'open') writeFileSync(path.join(order.dataDir ?? '', 'pid'), `${process.pid}`)
})
process.on('disconnect', () => process.exit(0))
