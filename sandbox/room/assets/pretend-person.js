// Put into a pretend person's page before everything else: a microphone into which clips can be spoken, and a hand for the page's own
// forms and buttons. From inside, since pages in the background are drawn once a second and a mouse waits for that.
{
  let voice

  function openVoice() {
    const context = new AudioContext({ sampleRate: 48_000 })
    const mouth = new MediaStreamAudioDestinationNode(context, { channelCount: 1, channelCountMode: 'explicit' })
    return { context, mouth, clips: new Map() }
  }

  async function load(address) {
    const clip = await fetch(address)
    if (!clip.ok) throw new Error(`${address}: ${clip.status}`)
    voice.clips.set(address, await voice.context.decodeAudioData(await clip.arrayBuffer()))
  }

  function submit(form, field, text) {
    const { elements } = document.forms.namedItem(form)
    elements[field].value = text
    document.forms.namedItem(form).requestSubmit()
  }

  /** Resolves when the room has answered somehow. */
  function untilAnswered() {
    return new Promise((resolve) => {
      const check = () => {
        if (!['prejoin', 'joining'].includes(document.body.dataset.state)) resolve()
      }
      new MutationObserver(check).observe(document.body, { attributeFilter: ['data-state'] })
    })
  }

  navigator.mediaDevices.getUserMedia = async () => {
    await voice.context.resume()
    return voice.mouth.stream
  }

  window.pretendPerson = {
    /** Fills in the form at the door, and fetches the clips ahead so that speaking begins at once. */
    async prepare({ speaks, hears, clips }) {
      const { elements } = document.forms.namedItem('join')
      elements.speaks.checked = speaks
      elements.hears.checked = hears
      if (speaks) voice = openVoice()
      await Promise.all(clips.map(load))
    },
    join(name) {
      const answered = untilAnswered()
      submit('join', 'name', name)
      return answered
    },
    isInMeeting: () => document.body.dataset.state === 'meeting',
    /** Speaks a clip; resolves at its end. */
    say(address) {
      const source = new AudioBufferSourceNode(voice.context, { buffer: voice.clips.get(address) })
      source.connect(voice.mouth)
      source.start()
      return new Promise((resolve) => {
        source.onended = () => resolve()
      })
    },
    write: (text) => submit('write', 'text', text),
    rename: (name) => submit('rename', 'name', name),
    leave: () => document.querySelector('section:not([hidden]) [data-action=leave]')?.click(),
  }
}
