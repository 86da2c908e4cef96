// Brings the speech model: a pinned part of the installation, taken out of npm packages whose other contents are not needed, through the
// registry, proxy and cache that npm is configured with. Runs after `npm install` and by `npx rapporteur fetch-model`; never fails an install.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
export const defaultModelDir = path.join(root, 'models')

const TIMEOUT_MS = 5 * 60_000

/** Moonshine's English models and Silero's weights are under the MIT licence. */
const packages = [
  {
    spec: '@moonshine-ai/moonshine-js@0.1.29',
    sha512: 'Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==',
    files: [
      {
        name: 'moonshine-tiny/encoder_model.onnx',
        member: 'package/dist/model/tiny/quantized/encoder_model.onnx',
        sha256: 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a',
      },
      {
        name: 'moonshine-tiny/decoder_model_merged.onnx',
        member: 'package/dist/model/tiny/quantized/decoder_model_merged.onnx',
        sha256: 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
      },
    ],
  },
  {
    spec: '@ricky0123/vad-web@0.0.31',
    sha512: 'ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==',
    files: [
      {
        name: 'silero-vad.onnx',
        member: 'package/dist/silero_vad_v6.onnx',
        sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
      },
    ],
  },
]
const allFiles = packages.flatMap(({ files }) => files)

export function problemOf(modelDir, name, bytes) {
  const file = path.join(modelDir, name)
  if (!bytes) return `The speech model is not here: ${file} is missing. Run \`npx rapporteur fetch-model\`.`
  if (hashOf('sha256', bytes, 'hex') === allFiles.find((known) => known.name === name)?.sha256) return undefined
  return `The speech model is damaged: ${file} has other contents than it must. Run \`npx rapporteur fetch-model\`.`
}

export async function verifyModel(modelDir) {
  const problems = allFiles.map(async ({ name }) => problemOf(modelDir, name, await readIfThere(modelDir, name)))
  return (await Promise.all(problems)).filter((problem) => problem !== undefined)
}

export async function fetchModel({ modelDir = defaultModelDir, log = () => {}, fetchTarball = packWithNpm } = {}) {
  try {
    if ((await verifyModel(modelDir)).length === 0) return { outcome: 'present', reason: '' }
    for (const wanted of packages) {
      if (!(await isAnythingWrong(modelDir, wanted.files))) continue
      log(`Fetching the speech model from ${wanted.spec}`)
      await unpack(modelDir, wanted, await fetchTarball(wanted.spec))
    }
    return { outcome: 'fetched', reason: '' }
  } catch (error) {
    return { outcome: 'failed', reason: `${firstLine(error)} Run \`npx rapporteur fetch-model\` to try again.` }
  }
}

async function isAnythingWrong(modelDir, files) {
  const problems = files.map(async ({ name }) => problemOf(modelDir, name, await readIfThere(modelDir, name)))
  return (await Promise.all(problems)).some((problem) => problem !== undefined)
}

async function unpack(modelDir, { spec, sha512, files }, tarball) {
  if (hashOf('sha512', tarball, 'base64') !== sha512) {
    throw new Error(`The registry gave a package ${spec} that is not the one this version was made with.`)
  }
  const members = readTar(gunzipSync(tarball))
  for (const { name, member, sha256 } of files) {
    const bytes = members.get(member)
    if (!bytes || hashOf('sha256', bytes, 'hex') !== sha256) throw new Error(`${spec} does not contain ${member}.`)
    await writeWhole(path.join(modelDir, name), bytes)
  }
}

/** Whoever reads the file finds the old one or the whole new one, also when this is stopped in the middle. */
async function writeWhole(file, bytes) {
  await mkdir(path.dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}.tmp`
  try {
    await writeFile(unfinished, bytes, { flush: true })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new Error(`${file} cannot be written (${error.code ?? error.message}).`)
  }
}

/** The plain files of a tar archive by name. Longer names than a header holds are passed over: ours are short. */
function readTar(archive) {
  const members = new Map()
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from, length) => archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 12).trim(), 8)
    if (!Number.isSafeInteger(size)) throw new Error('The package is not a tar archive.')
    const prefix = text(257, 5) === 'ustar' ? text(345, 155) : ''
    const isFile = ['', '0'].includes(text(156, 1))
    const content = at + 512
    if (isFile)
      members.set(prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), archive.subarray(content, content + size))
    at = content + Math.ceil(size / 512) * 512
  }
  return members
}

/**
 * A package's tarball, by npm itself: it alone knows its registries, tokens, proxies, certificates and cache. In the folder where
 * the user called npm, whose .npmrc counts; the settings of a surrounding `npm install` that would change what `pack` does are left out.
 */
async function packWithNpm(spec) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-model-'))
  try {
    const { env } = process
    const given = env.npm_execpath && /npm-cli\.c?js$/.test(env.npm_execpath) ? env.npm_execpath : undefined
    const [command, before] = given ? [env.npm_node_execpath ?? process.execPath, [given]] : [npmCommand(), []]
    const options = [
      '--pack-destination',
      folder,
      '--prefer-offline',
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
    ]
    await run(command, [...before, 'pack', spec, ...options, '--loglevel=error'], {
      cwd: env.npm_config_local_prefix ?? root,
      env: { ...environmentForNpm(env), npm_config_update_notifier: 'false' },
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      shell: !given && process.platform === 'win32',
    })
    const [name] = (await readdir(folder)).filter((entry) => entry.endsWith('.tgz'))
    if (!name) throw new Error(`npm did not bring ${spec}.`)
    return await readFile(path.join(folder, name))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function npmCommand() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}

const SWITCHES =
  /^npm_config_(dry_run|json|global|location|workspaces?|include_workspace_root|package_lock_only|pack_destination)$/i
const OURS =
  /^(CREDENTIALS_ENCRYPTION_KEY|(TRANSCRIPT_TOKEN|WEBHOOK)_SECRET|METRICS_TOKEN|DATABASE_URL|SMTP_URL|(SPEECH|ATTENDEE|GOOGLE|MICROSOFT|SUPABASE)_\w+?)(_FILE)?$/

/** What npm may know of an environment: its registries' tokens may have any name, but our secrets are nothing to it. */
export function environmentForNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SWITCHES.test(name) && !OURS.test(name)))
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, _, stderr) => {
      if (error) reject(new Error(`npm could not bring the package (${explain(error, stderr)}).`))
      else resolve(undefined)
    })
  })
}

function explain(error, stderr) {
  if (error.killed) return `no answer within ${TIMEOUT_MS / 1000} s`
  const said = stderr.split('\n').find((line) => /^npm (?:ERR!|error)/.test(line))
  return said?.replace(/^npm (?:ERR!|error)\s*/, '') ?? firstLine(error)
}

async function readIfThere(modelDir, name) {
  return readFile(path.join(modelDir, name)).catch(() => undefined)
}

function hashOf(algorithm, bytes, encoding) {
  return createHash(algorithm).update(bytes).digest(encoding)
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n', 1)[0]
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { outcome, reason } = await fetchModel()
  if (outcome === 'failed') console.error(`The speech model is not here yet: ${reason}`)
}
