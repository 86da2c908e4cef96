import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../src/base/clock.ts'

/** Links to media that work for a short time, for whoever has them. */
export function createMediaLinks(deps: { clock: Clock; origin(): string; secret: string; validMs: number }) {
  const sign = (name: string, expires: number) =>
    createHmac('sha256', deps.secret).update(`${name} ${expires}`).digest('hex')
  return {
    make(name: string): string {
      const expires = deps.clock.now().getTime() + deps.validMs
      return `${deps.origin()}/media/${name}?X-Amz-Expires=${expires}&X-Amz-Signature=${sign(name, expires)}`
    },
    isValid(name: string, query: URLSearchParams): boolean {
      const expires = Number(query.get('X-Amz-Expires'))
      const given = Buffer.from(query.get('X-Amz-Signature') ?? '')
      const right = Buffer.from(sign(name, expires))
      return expires > deps.clock.now().getTime() && given.length === right.length && timingSafeEqual(given, right)
    },
  }
}
