// Also runs in pages: constants alone, and no import.

/** Opus always counts time at 48 kHz, whatever was encoded (RFC 7845, section 4). */
export const OPUS_RATE_HZ = 48_000
/** What Opus calls wideband: enough for all of speech, and what models of it take (RFC 6716, section 2). */
export const WIDEBAND_RATE_HZ = 16_000

/** How long a packet of ours is: what encoders make unless told otherwise, and a good choice for most purposes (RFC 6716, section 2.1.4). */
export const PACKET_MS = 20
/** What it holds of sound at 48 kHz: 960 samples. */
export const PACKET_SAMPLES = (OPUS_RATE_HZ / 1_000) * PACKET_MS
/** And what of sound at 16 kHz: 320 samples. */
export const WIDEBAND_PACKET_SAMPLES = (WIDEBAND_RATE_HZ / 1_000) * PACKET_MS
