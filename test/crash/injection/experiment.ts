import path from 'node:path'
import type { Inputs } from './inputs.js'
import { type Fault, runInjected } from './run-command.js'
import type { Scenario } from './scenario.js'
import { readTree } from './tree.js'
import { type Expected, tellingPaths, tryOnce, type Verdict } from './trial.js'
import { makeWorkspace, removeTree, resetTo, type Workspace, workspaceIn } from './workspace.js'

/** One scenario, prepared, with what a run makes of it that nothing disturbs. */
export interface Experiment {
  scenario: Scenario
  /** How many calls such a run makes; a few more or less each time, as threads take turns. */
  calls: number
  /** How many bytes it writes. */
  bytes(): Promise<number>
  /** Disturbs the call of that number; `worker` runs at once with others of other numbers. */
  attempt(at: number, how: Fault, worker?: number): Promise<Verdict>
  remove(): void
}

/** @param folder of this experiment alone */
export async function prepare(
  scenario: Scenario,
  inputs: Inputs,
  { folder, shim }: { folder: string; shim: string },
): Promise<Experiment> {
  const base = makeWorkspace(path.join(folder, 'base'))
  await scenario.prepare?.(base, inputs)
  const surroundings = { environment: scenario.environment?.(inputs), input: scenario.input }
  const workspaceOf = (worker: number): Workspace =>
    workspaceIn(path.join(folder, `workspace-${worker}`), surroundings)
  const { calls, ...expected } = await undisturbed(scenario, inputs, { base, own: workspaceOf(0), shim })
  const trial = { scenario, expected, shim, known: new Map<string, string[]>() }
  return {
    scenario,
    calls,
    async bytes() {
      const workspace = workspaceOf(0)
      resetTo(base, workspace)
      const words = await scenario.command(inputs, workspace)
      return (await runInjected(workspace, words, shim, { at: Number.MAX_SAFE_INTEGER, how: 'ROOM' })).counted
    },
    async attempt(at, how, worker = 0) {
      const workspace = workspaceOf(worker)
      resetTo(base, workspace)
      const words = await scenario.command(inputs, workspace)
      return await tryOnce(trial, workspace, words, { at, how })
    },
    remove: () => removeTree(folder),
  }
}

async function undisturbed(
  scenario: Scenario,
  inputs: Inputs,
  { base, own, shim }: { base: Workspace; own: Workspace; shim: string },
): Promise<Expected & { calls: number }> {
  resetTo(base, own)
  const before = readTree(own.root)
  const words = await scenario.command(inputs, own)
  const { code, err, calls } = await runInjected(own, words, shim, { at: 0 })
  if (code !== (scenario.ends ?? 0)) throw new Error(`${scenario.title} ends with ${code}: ${err}`)
  const after = readTree(own.root)
  return { before, after, telling: tellingPaths(before, after, scenario), calls: calls.length }
}
