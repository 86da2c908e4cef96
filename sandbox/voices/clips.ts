import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/** A sentence that a person of the sandbox can speak. */
export interface Clip {
  name: string
  /** Who speaks: one voice is one person's. */
  voice: string
  durationMs: number
  /** What is said, word for word. */
  text: string
}

const clipsSchema = z.array(
  z.object({ name: z.string(), voice: z.string(), durationMs: z.number().positive(), text: z.string() }),
)

/** Where `<name>.opus` of each clip lies. */
export const clipsFolder = path.join(import.meta.dirname, 'clips')

/** All clips, with what is said in them. */
export const clips: readonly Clip[] = clipsSchema.parse(
  JSON.parse(readFileSync(path.join(clipsFolder, 'clips.json'), 'utf8')),
)

/** The clip of this name; throws where there is none. */
export function findClip(name: string): Clip {
  const clip = clips.find((one) => one.name === name)
  if (!clip) throw new Error(`There is no clip ${name}; there are ${clips.map((one) => one.name).join(', ')}`)
  return clip
}
