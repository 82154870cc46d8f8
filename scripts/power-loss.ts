import { parseArgs } from 'node:util'
import { eachScenario, isStopped } from '../test/crash/injection/each-scenario.js'
import { type Recording, recordScenario } from '../test/crash/power-loss/player.js'
import { canTrace } from '../test/crash/tracing.js'
import { peer } from '../test/peers/peers.js'

/**
 * Records the calls of every scenario, simulates a power loss after each of them in several ways, and reports the
 * result. Options: --scenario TEXT (titles that contain it), --most M (moments of each scenario, spread evenly), --from
 * N.
 */
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    most: { type: 'string' },
    from: { type: 'string', default: '1' },
  },
})
if (process.platform !== 'linux' || !canTrace())
  throw new Error('Calls can be recorded on Linux only, where strace may trace.')
let wrong = 0
console.log('| scenario | moments | losses | old | new | between |')
console.log('| --- | --- | --- | --- | --- | --- |')
await eachScenario(values.scenario, async (scenario, inputs, { own }) => {
  const { title, peers = [], reachesOut, isNotSynced } = scenario
  if (reachesOut || isNotSynced || peers.some((name) => peer(name) === undefined)) return
  try {
    await report(await recordScenario(scenario, inputs, own))
  } catch (error) {
    console.log(`  ! ${title}: ${(error as Error).message}`)
    wrong++
  }
})
console.log(wrong === 0 ? '\nNothing was wrong.' : `\n${wrong} losses went wrong.`)
process.exitCode = wrong === 0 ? 0 : 1

async function report(recording: Recording): Promise<void> {
  const { scenario, moments } = recording
  const counts = { old: 0, new: 0, between: 0 }
  const faults = new Map<string, string[]>()
  let played = 0
  for (const moment of spread(moments)) {
    if (isStopped()) break
    played++
    for (const { title, state, faults: found } of await recording.lose(moment)) {
      counts[state]++
      if (found.length > 0) wrong++
      for (const what of found) faults.set(what, [...(faults.get(what) ?? []), `${moment} ${title}`])
    }
  }
  const losses = counts.old + counts.new + counts.between
  const of = played < moments.length ? `${played} of ${moments.length}` : moments.length
  console.log(`| ${scenario.title} | ${of} | ${losses} | ${counts.old} | ${counts.new} | ${counts.between} |`)
  for (const [what, where] of faults)
    console.log(`  ! ${what} (${where.length}: ${where.slice(0, 4).join('; ')})`)
}

function spread(moments: readonly number[]): number[] {
  const from = moments.filter((moment) => moment >= Number(values.from))
  const most = Math.min(from.length, Number(values.most ?? from.length))
  return Array.from({ length: most }, (_, i) => from[Math.floor((i * from.length) / most)] ?? 1)
}
