import type { Child } from 'hono/jsx'

/** A meeting room's page. The script shows the section of its state; the texts stand here so that there is one place for them. */
export function RoomPage({ name }: { name: string }) {
  const door = `/rooms/${encodeURIComponent(name)}`
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${name} · sandbox room`}</title>
        <link rel="stylesheet" href="/room-assets/room.css" />
        <script type="module" src="/room-assets/room.js" />
      </head>
      <body data-state="prejoin">
        <header>
          <p>A pretend meeting room of the sandbox</p>
          <h1 dir="auto">{name}</h1>
        </header>
        <main>
          <Door />
          <View state="joining" text="Joining…" />
          <View state="lobby" text="You asked to join. Please wait until somebody lets you in.">
            <LeaveButton />
          </View>
          <Meeting />
          <Final door={door} state="left" text="You left the meeting." />
          <Final door={door} state="denied" text="Your request to join was denied." />
          <Final door={door} state="lobby_timed_out" text="Nobody answered your request to join." />
          <Final door={door} state="removed" text="You were removed from the meeting." />
          <Final door={door} state="ended" text="The meeting has ended." />
          <Final door={door} state="disconnected" text="The connection to the meeting was lost." />
        </main>
        <noscript>
          <p>This room needs JavaScript, as meetings do.</p>
        </noscript>
      </body>
    </html>
  )
}

function View({ state, text, children }: { state: string; text: string; children?: Child }) {
  return (
    <section data-view={state} hidden={state !== 'prejoin'}>
      <p class="status" role="status">
        {text}
      </p>
      {children}
    </section>
  )
}

function Door() {
  return (
    <View state="prejoin" text="Ready to join?">
      <form id="join">
        <label>
          Your name <input name="name" maxlength={200} required autocomplete="name" />
        </label>
        <label class="tick">
          <input type="checkbox" name="speaks" /> Use my microphone
        </label>
        <label class="tick">
          <input type="checkbox" name="hears" checked /> Hear the others
        </label>
        <button type="submit">Join</button>
        <p id="problem" role="alert" hidden />
      </form>
    </View>
  )
}

function Meeting() {
  return (
    <View state="meeting" text="You are in the meeting.">
      <LeaveButton />
      <h2>Participants</h2>
      <ul id="participants" />
      <form id="rename">
        <label>
          Change your name <input name="name" maxlength={200} required autocomplete="off" />
        </label>
        <button type="submit">Rename</button>
      </form>
      <h2>Chat</h2>
      <ol id="chat" aria-live="polite" />
      <form id="write">
        <label>
          Message to everybody <input name="text" maxlength={2000} required autocomplete="off" />
        </label>
        <button type="submit">Send</button>
      </form>
    </View>
  )
}

/** The same in the lobby and in the meeting, as real platforms have it: that it is there proves nothing. */
function LeaveButton() {
  return (
    <button type="button" data-action="leave">
      Leave
    </button>
  )
}

function Final({ door, state, text }: { door: string; state: string; text: string }) {
  return (
    <View state={state} text={text}>
      <p>
        <a href={door}>Back to the door</a>
      </p>
    </View>
  )
}
