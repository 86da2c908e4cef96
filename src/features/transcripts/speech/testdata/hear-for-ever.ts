// A program that hears one utterance after the other until it is killed, and says when it has begun.
import { defaultModelDir } from '../model-files.ts'
import { createSpeechPool } from '../moonshine/pool.ts'

const pool = createSpeechPool({ processes: 1, modelDir: defaultModelDir, log: { info: () => {}, warn: () => {} } })
const audio = Float32Array.from({ length: 30 * 16_000 }, (_, i) => Math.sin(i / 7) * 0.2)
await pool.hear(audio)
process.stdout.write('hearing\n')
for (;;) await pool.hear(audio)
