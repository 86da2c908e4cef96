import { defaultModelDir, fetchModel, verifyModel } from '../../features/transcripts/index.ts'
import type { Command } from './command.ts'

export const fetchModelCommand: Command = {
  name: 'fetch-model',
  summary: 'Gets the speech model, or mends it. The installation does this by itself where it can.',
  usage: '',
  async run(_input, output) {
    const { outcome, reason } = await fetchModel({ log: output.note })
    if (outcome === 'failed') {
      output.note(`The model could not be fetched: ${reason}`)
      return 1
    }
    const problems = await verifyModel(defaultModelDir)
    for (const problem of problems) output.note(problem)
    if (problems.length > 0) return 1
    output.print(outcome === 'present' ? 'The model is there and complete.' : 'The model was fetched.')
    return 0
  },
}
