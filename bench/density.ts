import { availableParallelism } from 'node:os'
import { groups } from './density/process-costs.ts'
import { playScene, type SceneFigures, type SceneInput } from './density/scene.ts'
import { openStage } from './density/stage.ts'
import { atMost, type Bench, type Figure, reported } from './figure.ts'
import { hashForAWhile } from './yardstick.ts'

const MANY = 20

export const densityBench: Bench = {
  name: 'density',
  about: 'How many bots fit: CPU, memory, sound lost and text lag in rooms with two people who speak.',
  async run({ full, note }) {
    if (process.platform !== 'linux') throw new Error('What processes use is read from /proc, which only Linux has')
    const yardstick = await hashForAWhile()
    await using stage = await openStage()
    const chosen = stage.app.config.bots.perHost
    const scenes: SceneFigures[] = []
    for (const input of scenesOf(full, chosen)) {
      const scene = await playScene(stage, input)
      note(describe(scene))
      scenes.push(scene)
    }
    const judged = scenes.find(({ bots, botsPerHost }) => bots === MANY && botsPerHost === chosen)
    return [
      reported('yardstick: SHA-256 of 256 MB', yardstick, 's'),
      ...scenes.flatMap(figuresOf),
      ...(judged ? verdictOn(judged) : []),
    ]
  },
}

/** One, five and twenty bots with the default number per host, and others beside it. */
function scenesOf(full: boolean, chosen: number): SceneInput[] {
  const measuredMs = full ? 120_000 : 25_000
  const perHost = (bots: number, numbers: readonly number[]) =>
    [...new Set(numbers)].map((botsPerHost) => ({ bots, botsPerHost, measuredMs }))
  return [
    ...perHost(1, [chosen]),
    ...perHost(5, [1, chosen]),
    ...perHost(MANY, full ? [chosen, 1, 5, 10, 20] : [chosen, 5, 20]),
    ...(full ? perHost(2 * MANY, [chosen, 20]) : []),
  ]
}

/** CPU of what a bot is made of, in per cent of one core. */
function cpuPerBot({ costs, bots, measuredMs }: SceneFigures): number {
  return ((costs['bot host'].cpuMs + costs.browser.cpuMs) / measuredMs / bots) * 100
}

function memoryPerBot({ costs, bots }: SceneFigures): number {
  return (costs['bot host'].pssMb + costs.browser.pssMb) / bots
}

function missingShare({ missingMs, spokenMs }: SceneFigures): number {
  return (missingMs / spokenMs) * 100
}

function nameOf({ bots, botsPerHost }: SceneInput): string {
  return `${bots} ${bots === 1 ? 'bot' : 'bots'}, ${botsPerHost} per host`
}

function figuresOf(scene: SceneFigures): Figure[] {
  const name = nameOf(scene)
  return [
    reported(`${name}: CPU of a bot, of one core`, cpuPerBot(scene), '%'),
    reported(`${name}: memory of a bot`, memoryPerBot(scene), 'MB'),
    reported(`${name}: speech missing`, missingShare(scene), '%'),
    reported(`${name}: text complete after the end`, scene.textLagMs / 1_000, 's'),
  ]
}

/** What is expected of twenty bots with the default number per host, and where the CPU went. */
function verdictOn(scene: SceneFigures): Figure[] {
  const { costs, bots, measuredMs } = scene
  const cores = (group: (typeof groups)[number]) => costs[group].cpuMs / measuredMs
  const all = groups.filter((group) => group !== 'people').reduce((sum, group) => sum + cores(group), 0)
  return [
    ...groups.map((group) => reported(`${bots} bots: cores used, ${group}`, cores(group), '')),
    reported(
      `bots that ${availableParallelism()} cores carry, by what these used`,
      (availableParallelism() / all) * bots,
      '',
    ),
    atMost(`${bots} bots: did not record to the end`, bots - scene.recorded, '', 0),
    atMost(`${bots} bots: packets missed`, scene.packetsLost, '', 0),
    atMost(`${bots} bots: speech missing`, missingShare(scene), '%', 0.1),
    atMost(`${bots} bots: memory of a bot`, memoryPerBot(scene), 'MB', 150),
    atMost(`${bots} bots: text complete after the end`, scene.textLagMs / 60_000, 'min', 10),
  ]
}

function describe(scene: SceneFigures): string {
  const { costs, startCosts, measuredMs, bots } = scene
  const used = groups.map((group) => {
    const { processes, cpuMs, pssMb } = costs[group]
    return `${group} ${Math.round((cpuMs / measuredMs) * 100)} % ${Math.round(pssMb)} MB (${processes})`
  })
  const startMs = startCosts['bot host'].cpuMs + startCosts.browser.cpuMs
  return [
    `${nameOf(scene)}: ${cpuPerBot(scene).toFixed(1)} % of a core and ${Math.round(memoryPerBot(scene))} MB a bot`,
    `  ${used.join(', ')}`,
    `  in their rooms after ${(scene.startMs / 1_000).toFixed(1)} s and ${(startMs / bots / 1_000).toFixed(2)} s of CPU a bot`,
    `  ${scene.recorded} recorded; missing ${scene.missingMs} of ${scene.spokenMs} ms of speech, ${scene.packetsLost} of ${scene.packetsSent} packets; people late by ${Math.round(scene.peopleLateMs)} ms at most`,
    `  ${(scene.wordErrorRate * 100).toFixed(1)} % of the words wrong; text complete after ${(scene.textLagMs / 1_000).toFixed(1)} s`,
  ].join('\n')
}
