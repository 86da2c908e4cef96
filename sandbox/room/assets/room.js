// The page of a meeting room: its states, and what its buttons do. The sections and their texts are in the page itself.
import { createMesh } from './mesh.js'
import { createRoster } from './roster.js'

const door = document.forms.namedItem('join')
const renaming = document.forms.namedItem('rename')
const writing = document.forms.namedItem('write')
const problem = document.getElementById('problem')
const chat = document.getElementById('chat')

function show(state) {
  document.body.dataset.state = state
  for (const section of document.querySelectorAll('[data-view]')) section.hidden = section.dataset.view !== state
}

/** The microphone; undefined without one, which is said and does not keep anybody out. */
async function openMicrophone() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    return stream.getAudioTracks()[0]
  } catch (error) {
    problem.textContent = `You join without a microphone: ${error.message}`
    problem.hidden = false
  }
}

async function join() {
  show('joining')
  const hears = door.elements.hears.checked
  const microphone = door.elements.speaks.checked ? await openMicrophone() : undefined
  const socket = new WebSocket(`${location.href.replace(/^http/, 'ws').replace(/[?#].*$/, '')}/socket`)
  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message))
  const roster = createRoster(document.getElementById('participants'))
  const mesh = createMesh({
    microphone,
    hears,
    signal: (to, data) => send({ type: 'signal', to, data }),
    onTrack: roster.play,
    onConnectionState: roster.showConnection,
  })
  const orders = new AbortController()
  const { signal } = orders

  function finish(state) {
    // The first word counts: after a farewell the closing of the socket is no news.
    if (signal.aborted) return
    orders.abort()
    mesh.close()
    roster.clear()
    chat.replaceChildren()
    microphone?.stop()
    socket.close()
    show(state)
  }

  const answers = {
    lobby: () => show('lobby'),
    welcome({ you, others }) {
      roster.add(you, { isSelf: true })
      for (const other of others) {
        roster.add(other)
        mesh.call(other)
      }
      renaming.elements.name.value = you.name
      show('meeting')
    },
    joined({ participant }) {
      roster.add(participant)
      mesh.expect(participant)
    },
    renamed: ({ participant }) => roster.rename(participant),
    left({ id }) {
      mesh.drop(id)
      roster.remove(id)
    },
    signal: ({ from, data }) => mesh.receive(from, data),
    chat: ({ message }) => addToChat(message),
    farewell: ({ reason }) => finish(reason),
  }
  socket.onopen = () => send({ type: 'join', name: door.elements.name.value, speaks: microphone !== undefined, hears })
  socket.onmessage = ({ data }) => {
    if (signal.aborted) return
    const message = JSON.parse(data)
    answers[message.type](message)
  }
  socket.onclose = () => finish('disconnected')

  for (const button of document.querySelectorAll('[data-action="leave"]')) {
    const leave = () => {
      send({ type: 'leave' })
      finish('left')
    }
    button.addEventListener('click', leave, { signal })
  }
  onSubmit(renaming, signal, () => send({ type: 'rename', name: renaming.elements.name.value }))
  onSubmit(writing, signal, () => {
    send({ type: 'chat', text: writing.elements.text.value })
    writing.reset()
  })
}

function addToChat({ from, name, text }) {
  const line = document.createElement('li')
  line.dataset.from = from
  const writer = document.createElement('b')
  const words = document.createElement('span')
  writer.textContent = name
  words.textContent = text
  writer.dir = words.dir = 'auto'
  line.append(writer, words)
  chat.append(line)
}

function onSubmit(form, signal, act) {
  const listener = (event) => {
    event.preventDefault()
    act()
  }
  form.addEventListener('submit', listener, { signal })
}

onSubmit(door, undefined, () => void join())
document.body.dataset.ready = 'true'
