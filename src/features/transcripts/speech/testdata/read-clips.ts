import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Clip, clips, clipsFolder } from '../../../../../sandbox/voices/clips.ts'
import { decodeOggOpus } from '../decode-ogg-opus.ts'

export interface HeardClip extends Clip {
  audio: Float32Array
}

/** The sentences of the sandbox's people, with their audio as a provider takes it. */
export async function readClips(): Promise<HeardClip[]> {
  const read = async (clip: Clip) => decodeOggOpus(await readFile(path.join(clipsFolder, `${clip.name}.opus`)))
  return Promise.all(clips.map(async (clip) => ({ ...clip, audio: await read(clip) })))
}
