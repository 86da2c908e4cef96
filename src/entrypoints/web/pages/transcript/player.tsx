import { transcriptPath } from '../../../../features/transcripts/index.ts'

/** The sound of the meeting in the browser's own player, always in reach. What only a script can do is shown by the script. */
export function Player({ meetingId, fromMs }: { meetingId: string; fromMs: number }) {
  return (
    <section class="player" aria-label="Player" data-player>
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript below is the text of this sound */}
      <audio controls preload="metadata" src={`${transcriptPath(meetingId)}audio`} data-from={fromMs / 1_000} />
      <label class="switch" data-scripted hidden>
        <input type="checkbox" data-follow checked aria-keyshortcuts="f" />
        Follow
      </label>
    </section>
  )
}

/** The keys of the player, with a switch: single letters get in the way of some who dictate. */
export function Keys() {
  return (
    <details class="keys" data-scripted hidden>
      <summary>Keys</summary>
      <p>
        <kbd>K</kbd> play or pause, <kbd>J</kbd> and <kbd>L</kbd> ten seconds back and forth, <kbd>F</kbd> follow
      </p>
      <label class="switch">
        <input type="checkbox" data-keys checked />
        Use these keys
      </label>
    </details>
  )
}
