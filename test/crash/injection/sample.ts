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

/** What may go wrong with one call, or at one byte; half of the processes are killed instead. */
const FAILURES: Fault[] = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'FULL', 'READONLY', 'GONE', 'ROOM']

export const describePreloaded = process.platform === 'linux' ? describeWithPeers : withoutPreloading

/** Tests that disturb one call of each scenario, another each time; `npm run inject` disturbs every one. */
export function sampleOf(title: string, scenarios: Scenario[]): void {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  const oneOf = <T>(all: T[]): T => all[Math.floor(random() * all.length)] as T

  describePreloaded(['cc'], `${title} (CRASH_SEED=${seed})`, () => {
    const prepared = preparation()

    for (const [i, scenario] of scenarios.entries()) {
      // Drawn here, so that the same seed disturbs the same calls whichever tests are run.
      const how = random() < 0.5 ? 'KILL' : oneOf(FAILURES)
      const share = random()
      it(`${scenario.title} leaves the old or the new state, and the next run completes`, async function () {
        const missing = (scenario.peers ?? []).filter((name) => peer(name) === undefined)
        if (missing.length > 0 && !process.env.REQUIRE_PEERS) this.skip()
        const experiment = await prepared(scenario, `scenario-${i}`)
        try {
          await expectNoFault(experiment, share, how)
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

/** What the experiments of one suite share. @returns prepares one, in a folder of its own */
export function preparation(): (scenario: Scenario, name: string) => Promise<Experiment> {
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
  return (scenario, name) => prepare(scenario, inputs, { folder: path.join(folder, name), shim })
}

/** @param share where in the run, from 0 to 1 */
export async function expectNoFault(experiment: Experiment, share: number, how: Fault): Promise<void> {
  const many = how === 'ROOM' ? await experiment.bytes() : experiment.calls
  if (many === 0) return
  const at = 1 + Math.floor(share * many)
  const { faults, call } = await experiment.attempt(at, how)
  const words = `--scenario '${experiment.scenario.title}' --how ${how} --from ${at} --every ${many}`
  expect(faults, `${how} at ${call}, to be seen again with npm run inject -- ${words}`).to.deep.equal([])
}
