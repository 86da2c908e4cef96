import { randomUUID } from 'node:crypto'
import { signPayload } from './canonical-json.ts'
import type { WebhookFault } from './faults.ts'
import type { BotEvent, PretendBot } from './pretend-bot.ts'
import type { ServerState } from './states.ts'

/** One notice and what became of it. */
export interface Delivery {
  idempotencyKey: string
  url: string
  eventType: string
  body: string
  signature: string
  /** What was answered each time; 0: nothing. */
  statuses: number[]
}

interface WebhookOptions {
  secret: string
  /** Pauses before the second and the third attempt, in milliseconds. */
  retryPausesMs: readonly number[]
  /** The project's own address, for bots that name none; null: none. */
  projectUrl(): string | null
}

const ANSWER_MS = 10_000
/** How long a notice is held back to be overtaken by the next. */
const HELD_MS = 150

/** Sends a notice for each thing that is announced, as often as it takes up to three times, in no certain order. */
export function createWebhooks(options: WebhookOptions) {
  const deliveries: Delivery[] = []
  const running = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  const held: (() => void)[] = []
  let fault: WebhookFault | null = null
  let isClosed = false

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, ms)
      timers.add(timer)
    })
  }

  async function post(delivery: Delivery): Promise<void> {
    for (const pauseMs of [0, ...options.retryPausesMs]) {
      if (pauseMs > 0) await pause(pauseMs)
      if (isClosed) return
      const status = await fetch(delivery.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-webhook-signature': delivery.signature },
        body: delivery.body,
        signal: AbortSignal.timeout(ANSWER_MS),
      }).then(
        (answer) => answer.status,
        () => 0,
      )
      delivery.statuses.push(status)
      if (status >= 200 && status < 300) return
    }
  }

  function send(delivery: Delivery): void {
    const work = post(delivery).finally(() => running.delete(work))
    running.add(work)
  }

  function releaseHeld(): void {
    for (const go of held.splice(0).reverse()) go()
  }

  function dispatch(delivery: Delivery): void {
    if (fault === 'lost') return
    if (fault === 'reordered') {
      held.push(() => send(delivery))
      if (held.length > 1) releaseHeld()
      else void pause(HELD_MS).then(releaseHeld)
      return
    }
    send(delivery)
    if (fault === 'duplicated') send(delivery)
  }

  return {
    deliveries: deliveries as readonly Delivery[],
    setFault: (next: WebhookFault | null) => {
      fault = next
    },
    moved(bot: PretendBot, event: BotEvent, oldState: ServerState): void {
      this.told(bot, 'bot.state_change', moveOf(bot, event, oldState), event.type)
    },
    /** `name`: what a delivery is called here. */
    told(bot: PretendBot, trigger: string, data: object, name = trigger): void {
      const ownUrls = bot.order.webhooks.filter(({ triggers }) => triggers.includes(trigger))
      const projectUrl = options.projectUrl()
      const urls =
        bot.order.webhooks.length > 0 ? ownUrls.map(({ url }) => url) : projectUrl === null ? [] : [projectUrl]
      for (const url of urls) {
        const payload = payloadOf(bot, trigger, data)
        const signature = signPayload(payload, fault === 'wrong_signature' ? 'd3Jvbmc=' : options.secret)
        const { idempotency_key: idempotencyKey } = payload
        const delivery = { idempotencyKey, url, eventType: name, body: spaced(payload), signature, statuses: [] }
        deliveries.push(delivery)
        dispatch(delivery)
      }
    },
    /** Resolves when nothing is on its way. */
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.allSettled(running)
    },
    close(): void {
      isClosed = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function payloadOf(bot: PretendBot, trigger: string, data: object) {
  return {
    idempotency_key: randomUUID() as string,
    bot_id: bot.id,
    bot_metadata: bot.order.metadata,
    trigger,
    data,
  }
}

function moveOf(bot: PretendBot, event: BotEvent, oldState: ServerState) {
  return {
    new_state: bot.state,
    old_state: oldState,
    created_at: event.createdAt,
    event_type: event.type,
    event_sub_type: event.subType,
    event_metadata: event.metadata,
  }
}

/** With spaces, as Python writes JSON: what is signed is not what is sent. */
function spaced(payload: object): string {
  return JSON.stringify(payload, null, 1)
}
