import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { Context, Hono } from 'hono'
import { html } from 'hono/html'
import { clipsFolder } from '../voices/clips.ts'
import { RoomPage } from './room-page.tsx'
import { isRoomName, type Rooms } from './rooms.ts'

// Participants' names are hostile on purpose: nothing runs but the room's own script.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const assetsFolder = path.join(import.meta.dirname, 'assets')
const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.opus': 'audio/ogg; codecs=opus',
}

/** Adds the rooms' pages, what they load, and the clips of the people who speak in them. */
export function addRoomPages(site: Hono, rooms: Pick<Rooms, 'leadsTo'>): void {
  site.get('/rooms/:name', (c) => {
    const name = c.req.param('name')
    if (!isRoomName(name)) return c.notFound()
    const own = rooms.leadsTo(name)
    if (own !== name) return c.redirect(`/rooms/${encodeURIComponent(own)}`)
    c.header('content-security-policy', POLICY)
    return c.html(html`<!doctype html>${<RoomPage name={name} />}`)
  })
  site.get('/room-assets/:file', (c) => serveFile(c, assetsFolder, c.req.param('file')))
  site.get('/voices/:file', (c) => serveFile(c, clipsFolder, c.req.param('file')))
}

async function serveFile(c: Context, folder: string, file: string) {
  const type = TYPES[path.extname(file)]
  if (!type || !/^[a-z0-9-]+\.[a-z]+$/.test(file)) return c.notFound()
  const found = await stat(path.join(folder, file)).catch(() => undefined)
  if (!found) return c.notFound()
  c.header('content-type', type)
  c.header('content-length', String(found.size))
  c.header('cache-control', 'no-cache')
  return c.body(Readable.toWeb(createReadStream(path.join(folder, file))) as ReadableStream)
}
