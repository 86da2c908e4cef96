// Who is in the room, and the sound of each of them.

/** Keeps a list of participants and one hidden audio element for each who is somebody else. */
export function createRoster(list) {
  const items = new Map()
  const sounds = new Map()

  function write(item, { name }) {
    item.querySelector('[data-name]').textContent = name
  }

  return {
    add(participant, { isSelf = false } = {}) {
      const { id } = participant
      const item = document.createElement('li')
      item.dataset.participantId = id
      if (participant.email !== undefined) item.dataset.email = participant.email
      if (participant.isDevice) item.dataset.device = 'true'
      const name = document.createElement('span')
      name.dataset.name = ''
      name.dir = 'auto'
      item.append(name)
      write(item, participant)
      items.set(id, item)
      list.append(item)
      if (isSelf) {
        item.dataset.self = 'true'
        return item.append(' (you)')
      }
      item.dataset.connection = 'new'
      const sound = document.createElement('audio')
      sound.autoplay = true
      sound.hidden = true
      sound.dataset.participantId = id
      sounds.set(id, sound)
      document.body.append(sound)
    },
    rename(participant) {
      const item = items.get(participant.id)
      if (item) write(item, participant)
    },
    play(id, track) {
      const sound = sounds.get(id)
      if (sound) sound.srcObject = new MediaStream([track])
    },
    showConnection(id, state) {
      const item = items.get(id)
      if (item) item.dataset.connection = state
    },
    remove(id) {
      items.get(id)?.remove()
      const sound = sounds.get(id)
      if (sound) {
        sound.srcObject = null
        sound.remove()
      }
      items.delete(id)
      sounds.delete(id)
    },
    clear() {
      for (const id of [...items.keys()]) this.remove(id)
    },
  }
}
