import { parseArgs } from 'node:util'
import { eachScenario, isStopped } from '../test/crash/injection/each-scenario.js'
import { type Experiment, prepare } from '../test/crash/injection/experiment.js'
import type { Fault } from '../test/crash/injection/run-command.js'
import { compileShim } from '../test/crash/injection/shim.js'
import type { Verdict } from '../test/crash/injection/trial.js'
import { peer } from '../test/peers/peers.js'

const FAULTS: Fault[] = ['EIO', 'ENOSPC', 'KILL']

interface Attempt {
  at: number
  how: Fault
}

/** The results of the attempts of one kind at one scenario. */
interface Count {
  old: number
  new: number
  between: number
  /** Runs that made fewer calls, so that nothing was disturbed. */
  missed: number
  /** The faults, each with the calls at which it occurred. */
  faults: Map<string, string[]>
}

/**
 * Disturbs every call that changes files, in every scenario and in every way, and reports the result of each. Options:
 * --scenario TEXT (titles that contain it), --how EIO,ENOSPC,EDQUOT,EROFS,FULL,READONLY,GONE,KILL,ROOM, --every K,
 * --from N, --most M (of each scenario and kind, spread evenly; for ROOM these are bytes), --jobs J.
 */
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    how: { type: 'string', default: FAULTS.join(',') },
    every: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    most: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
})

if (process.platform !== 'linux' || !peer('cc'))
  throw new Error('Calls can be made to fail on Linux only, with a C compiler (cc).')
const hows = values.how.split(',') as Fault[]
let faults = 0
let shim: string | undefined
console.log(`| scenario | calls | ${hows.map((how) => `${how} old / new / between`).join(' | ')} |`)
console.log(`| --- | --- | ${hows.map(() => '---').join(' | ')} |`)
await eachScenario(values.scenario, async (scenario, inputs, { shared, own }) => {
  const { title, peers = [] } = scenario
  if (peers.some((name) => peer(name) === undefined)) {
    console.log(`| ${title} | needs ${peers.join(', ')} |`)
    return
  }
  shim ??= compileShim(shared)
  const experiment = await prepare(scenario, inputs, { folder: own, shim }).catch((error: Error) => {
    console.log(`  ! ${error.message}`)
    faults++
  })
  if (experiment) await report(experiment)
})
console.log(faults === 0 ? '\nNothing was wrong.' : `\n${faults} attempts went wrong.`)
process.exitCode = faults === 0 ? 0 : 1

async function report(experiment: Experiment): Promise<void> {
  const { scenario, calls } = experiment
  const counts = new Map(hows.map((how) => [how, emptyCount()]))
  const attempts: Attempt[] = []
  for (const how of hows)
    for (const at of numbersTo(how === 'ROOM' ? await experiment.bytes() : calls)) attempts.push({ at, how })
  const began = performance.now()
  await inParallel(attempts, async ({ at, how }, worker) => {
    const verdict = await experiment.attempt(at, how, worker)
    note(counts.get(how) ?? emptyCount(), at, verdict)
  })
  const cells = [...counts.values()].map((count) => `${count.old} / ${count.new} / ${count.between}`)
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`| ${scenario.title} | ${calls} | ${cells.join(' | ')} | ${seconds} s`)
  for (const [how, { faults: found }] of counts)
    for (const [what, where] of found)
      console.log(`  ! ${how} ${what} (${where.length}: ${where.slice(0, 8).join(', ')})`)
}

/** All of them, or some that are spread evenly. */
function numbersTo(calls: number): number[] {
  const [from, every, most] = [Number(values.from), Number(values.every), Number(values.most ?? calls)]
  const step = Math.max(every, (calls - from + 1) / most)
  const numbers: number[] = []
  for (let at = from; at <= calls; at += step) numbers.push(Math.round(at))
  return numbers
}

function emptyCount(): Count {
  return { old: 0, new: 0, between: 0, missed: 0, faults: new Map() }
}

function note(count: Count, at: number, { call, state, faults: found }: Verdict): void {
  if (call === undefined) count.missed++
  count[state]++
  if (found.length > 0) faults++
  for (const what of found)
    count.faults.set(what, [...(count.faults.get(what) ?? []), `${at} ${call ?? '-'}`])
}

async function inParallel(
  attempts: Attempt[],
  work: (one: Attempt, worker: number) => Promise<void>,
): Promise<void> {
  const left = [...attempts]
  const workers = Array.from({ length: Number(values.jobs) }, async (_, worker) => {
    for (let next = left.shift(); next && !isStopped(); next = left.shift()) await work(next, worker)
  })
  await Promise.all(workers)
}
