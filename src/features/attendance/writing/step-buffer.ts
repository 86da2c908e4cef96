import { PACKET_MS } from '../../../formats/opus/packet-length.ts'

/** Steps of 5 s are written, well within the 10 s that a crash may cost. */
const STEP_PACKETS = 5_000 / PACKET_MS

export interface Step {
  startedMs: number
  packets: Uint8Array[]
  isFirst: boolean
}

/** Gathers packets of one stream into steps of 5 s; a gap begins a new step. */
export class StepBuffer {
  #startedMs = 0
  #packets: Uint8Array[] = []
  #hasBegun = false

  /** Takes packets, and answers the steps that are full now. */
  push(startedMs: number, packets: readonly Uint8Array[]): Step[] {
    const full: Step[] = []
    const expectedMs = this.#startedMs + this.#packets.length * PACKET_MS
    if (this.#packets.length > 0 && Math.abs(startedMs - expectedMs) > PACKET_MS) full.push(...this.flush())
    if (this.#packets.length === 0) this.#startedMs = startedMs
    for (const packet of packets) {
      this.#packets.push(packet)
      if (this.#packets.length >= STEP_PACKETS) full.push(...this.flush())
    }
    return full
  }

  /** Answers what was gathered so far. */
  flush(): Step[] {
    if (this.#packets.length === 0) return []
    const step = { startedMs: this.#startedMs, packets: this.#packets, isFirst: !this.#hasBegun }
    this.#hasBegun = true
    this.#startedMs += this.#packets.length * PACKET_MS
    this.#packets = []
    return [step]
  }
}
