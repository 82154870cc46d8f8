import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers, type Peer, peer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { seededRandom } from '../killing.js'
import { type Experiment, prepare } from './experiment.js'
import { Inputs } from './inputs.js'
import type { Fault } from './run-command.js'
import type { Scenario } from './scenario.js'
import { compileShim } from './shim.js'

/** What may go wrong with one call; half of the processes are killed instead. */
const FAILURES: Fault[] = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'FULL', 'READONLY', 'GONE']

/** Tests that disturb one call of each scenario, another each time; `npm run inject` disturbs every one. */
export function sampleOf(title: string, scenarios: Scenario[]): void {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  const oneOf = <T>(all: T[]): T => all[Math.floor(random() * all.length)] as T

  const describeHere = process.platform === 'linux' ? describeWithPeers : withoutPreloading
  describeHere(['cc'], `${title} (CRASH_SEED=${seed})`, () => {
    const temporary = scratch()
    let folder: string
    let shim: string
    let inputs: Inputs

    before(() => {
      folder = temporary.folder()
      shim = compileShim(folder)
      inputs = new Inputs(folder)
    })
    after(async () => {
      await inputs?.close()
      temporary.remove()
    })

    for (const [i, scenario] of scenarios.entries()) {
      // Drawn here, so that the same seed disturbs the same calls whichever tests are run.
      const how = random() < 0.5 ? 'KILL' : oneOf(FAILURES)
      const share = random()
      it(`${scenario.title} leaves the old or the new state, and the next run completes`, async function () {
        const missing = (scenario.peers ?? []).filter((name) => peer(name) === undefined)
        if (missing.length > 0 && !process.env.REQUIRE_PEERS) this.skip()
        const own = path.join(folder, `scenario-${i}`)
        const experiment = await prepare(scenario, inputs, { folder: own, shim })
        try {
          await expectNoFault(experiment, 1 + Math.floor(share * experiment.calls), how)
        } finally {
          experiment.remove()
        }
      })
    }
  })
}

function withoutPreloading(_: Peer[], title: string, body: (this: Mocha.Suite) => void): void {
  describe.skip(`${title} (Linux only)`, body)
}

async function expectNoFault(experiment: Experiment, at: number, how: Fault): Promise<void> {
  const { faults, call } = await experiment.attempt(at, how)
  const words = `--scenario '${experiment.scenario.title}' --how ${how} --from ${at} --every ${experiment.calls}`
  expect(faults, `${how} at ${call}, to be seen again with npm run inject -- ${words}`).to.deep.equal([])
}
