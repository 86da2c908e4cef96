import { runCommandLine } from './entrypoints/cli/run-command-line.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
