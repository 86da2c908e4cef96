import { OpusDecoder } from 'opus-decoder'
import { AppError } from '../../../base/errors.ts'
import { readOggOpus } from '../../../formats/ogg/read-ogg-opus.ts'
import { OPUS_RATE_HZ } from '../../../formats/opus/packet-length.ts'
import { SAMPLE_RATE } from './provider.ts'

/**
 * Decodes a whole Ogg Opus stream of one or two channels, such as a stored step, to what providers take: 16 kHz mono, without what the
 * stream says is to be dropped. Throws `ogg_damaged`.
 */
export async function decodeOggOpus(bytes: Uint8Array): Promise<Float32Array> {
  const { packets, preSkip, channels, durationMs } = readOggOpus(bytes)
  if (channels !== 1 && channels !== 2) {
    throw new AppError('ogg_damaged', `This Ogg Opus stream has ${channels} channels; one or two can be decoded.`)
  }
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, channels })
  try {
    await decoder.ready
    const { channelData } = decoder.decodeFrames(packets)
    return mixDown(channelData, toSamples(preSkip), Math.round((durationMs * SAMPLE_RATE) / 1_000))
  } finally {
    decoder.free()
  }
}

function toSamples(position: number): number {
  return Math.round((position * SAMPLE_RATE) / OPUS_RATE_HZ)
}

function mixDown(channels: readonly Float32Array[], first: number, length: number): Float32Array {
  const mix = new Float32Array(length)
  for (const channel of channels) {
    for (let i = 0; i < length; i++) mix[i] = (mix[i] as number) + (channel[first + i] ?? 0) / channels.length
  }
  return mix
}
