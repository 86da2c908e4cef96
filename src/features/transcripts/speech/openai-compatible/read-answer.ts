import { z } from 'zod'
import { cleanLine } from '../../../../base/text.ts'
import type { SpeechResult, SpokenWord } from '../provider.ts'

const word = z.object({ word: z.string(), start: z.number(), end: z.number() })
const segment = z.object({
  avg_logprob: z.number().optional().catch(undefined),
  no_speech_prob: z.number().optional().catch(undefined),
  start: z.number().optional().catch(undefined),
  end: z.number().optional().catch(undefined),
})
/** `verbose_json` of the transcription API; servers leave out what they do not know. https://platform.openai.com/docs/api-reference/audio, 2026-11. */
const answer = z.object({
  text: z.string(),
  language: z.string().nullish().catch(undefined),
  segments: z.array(segment).nullish().catch(undefined),
  words: z.array(word).nullish().catch(undefined),
})

// As the authors of Whisper judge: both have to be so, for speech in noise looks like silence too.
const SURELY_NO_SPEECH = 0.6
const UNLIKELY = 0.37

const MAX_TEXT = 20_000

/** What a server's answer says. Undefined if it is not an answer of this kind. */
export function readAnswer(json: unknown, asked: string | undefined): SpeechResult | undefined {
  const parsed = answer.safeParse(json)
  if (!parsed.success) return undefined
  const { language, words } = parsed.data
  const segments = parsed.data.segments ?? []
  const text = cleanLine(parsed.data.text, MAX_TEXT)
  const confidence = confidenceOf(segments)
  const isNothing =
    segments.length > 0 && segments.every((s) => (s.no_speech_prob ?? 0) > SURELY_NO_SPEECH) && confidence < UNLIKELY
  if (text === '' || isNothing) return { text: '', confidence, language: null, reason: 'no_speech' }
  const result = { text, confidence, language: tagOf(language ?? asked) }
  return words && words.length > 0 ? { ...result, words: words.map(toWord) } : result
}

/** The mean probability of a token over all segments, each counting as long as it is; 1 where the server says nothing. */
function confidenceOf(segments: readonly z.infer<typeof segment>[]): number {
  let sum = 0
  let weights = 0
  for (const { avg_logprob: mean, start = 0, end = 0 } of segments) {
    if (mean === undefined) continue
    const weight = Math.max(0.1, end - start)
    sum += mean * weight
    weights += weight
  }
  return weights === 0 ? 1 : Math.min(1, Math.exp(sum / weights))
}

function toWord({ word: text, start, end }: z.infer<typeof word>): SpokenWord {
  return { text: cleanLine(text), startMs: Math.round(start * 1000), endMs: Math.round(end * 1000) }
}

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' })
const commonTags =
  'ar bg ca cs da de el en es et fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv th tr uk vi zh'
const tagsByName = new Map(commonTags.split(' ').map((tag) => [languageNames.of(tag)?.toLowerCase(), tag]))

/** Some servers answer "en", others "english". */
function tagOf(language: string | undefined): string | null {
  const given = language?.trim().toLowerCase() ?? ''
  return tagsByName.get(given) ?? (/^[a-z]{2,3}(?:-[a-z0-9]+)*$/.test(given) ? given : null)
}
