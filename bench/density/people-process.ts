// The process of all people who speak in a scene, apart from what is measured.
import type { FromPeople, Part, ToPeople } from './messages.ts'
import { joinAsSpeaker, type Speaker } from './speaker.ts'

const TICK_MS = 5
const SLOT_MS = 20
const ATTEMPTS = 2

let speakers: Speaker[] = []
let timer: NodeJS.Timeout | undefined
let latestMs = 0
const tell = (message: FromPeople) => void process.send?.(message)

/** One connection in some 400 to Chromium 156 fails within its first 0.2 s (node-datachannel 0.33.4, November 2026): then its person comes again. */
async function join(origin: string, { room, name, says }: Part, index: number): Promise<Speaker> {
  const socketUrl = `${origin.replace('http', 'ws')}/rooms/${room}/socket`
  for (let attempt = 1; ; attempt++) {
    const speaker = joinAsSpeaker({ socketUrl, name, says, phaseMs: (index * TICK_MS) % SLOT_MS })
    try {
      await speaker.isConnected
      return speaker
    } catch (error) {
      speaker.leave()
      if (attempt === ATTEMPTS) throw error
    }
  }
}

function begin(): void {
  const zero = performance.now()
  tell({ type: 'began', atMs: performance.timeOrigin + zero })
  let lastMs = 0
  timer = setInterval(() => {
    const nowMs = performance.now() - zero
    latestMs = Math.max(latestMs, nowMs - lastMs - TICK_MS)
    lastMs = nowMs
    for (const speaker of speakers) speaker.advance(nowMs)
  }, TICK_MS)
}

function leave(): void {
  clearInterval(timer)
  const sent = { packets: 0, packetsLost: 0 }
  for (const speaker of speakers) {
    const one = speaker.sent()
    sent.packets += one.packets
    sent.packetsLost += one.packetsLost
    speaker.leave()
  }
  tell({ type: 'left', sent, latestMs })
}

process.on('message', async (message: ToPeople) => {
  if (message.type === 'begin') return begin()
  if (message.type === 'leave') return leave()
  speakers = await Promise.all(message.parts.map((part, index) => join(message.origin, part, index)))
  tell({ type: 'connected' })
})
process.on('disconnect', () => process.exit(0))
