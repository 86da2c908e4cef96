import { InferenceSession, Tensor } from '../onnx.ts'
import { START_TOKEN } from './tokens.ts'

const LAYERS = 6
const HEADS = 8
const HEAD_SIZE = 36

const cacheNames = (part: 'decoder' | 'encoder') =>
  Array.from({ length: LAYERS }, (_, layer) => [`${layer}.${part}.key`, `${layer}.${part}.value`]).flat()
const OWN_CACHE = cacheNames('decoder')
const WHOLE_CACHE = [...OWN_CACHE, ...cacheNames('encoder')]

/** Answers the logits of the token after the given one. */
export type NextToken = (token: number) => Promise<Float32Array>

interface Decoder {
  /** Begins a text about what the encoder made of some audio; the first token to give is the start token. */
  begin(encoded: Tensor): NextToken
}

/** The half of the model that writes. Its two branches, with and without a cache of what came before, are one graph with a switch. */
export async function openDecoder(weights: Uint8Array, options: InferenceSession.SessionOptions): Promise<Decoder> {
  const session = await InferenceSession.create(weights, options)
  const present = (name: string) => `present.${name}`
  const first = ['logits', ...WHOLE_CACHE.map(present)]
  // What the encoder contributed never changes; asking for it again would copy megabytes for every token.
  const later = ['logits', ...OWN_CACHE.map(present)]

  return {
    begin: (encoded) => {
      const feeds: Record<string, Tensor> = { encoder_hidden_states: encoded }
      for (const name of WHOLE_CACHE) feeds[`past_key_values.${name}`] = emptyCache()
      return async (token) => {
        const isFirst = token === START_TOKEN
        feeds.input_ids = new Tensor('int64', [BigInt(token)], [1, 1])
        feeds.use_cache_branch = new Tensor('bool', [!isFirst], [1])
        const results = await session.run(feeds, isFirst ? first : later)
        for (const name of isFirst ? WHOLE_CACHE : OWN_CACHE) {
          feeds[`past_key_values.${name}`] = results[present(name)] as Tensor
        }
        return results.logits?.data as Float32Array
      }
    },
  }
}

function emptyCache(): Tensor {
  return new Tensor('float32', new Float32Array(0), [0, HEADS, 1, HEAD_SIZE])
}
