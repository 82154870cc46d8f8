import path from 'node:path'
import type { Inputs } from '../injection/inputs.js'
import type { Ended } from '../injection/run-command.js'
import type { Scenario } from '../injection/scenario.js'
import { readTree, type Tree } from '../injection/tree.js'
import { judge, type State, tellingPaths } from '../injection/trial.js'
import { makeWorkspace, removeTree, resetTo, type Workspace, workspaceIn } from '../injection/workspace.js'
import { Disk } from './disk.js'
import { lossesOf } from './losses.js'
import { type Change, momentsOf, record } from './record.js'

/** A run of the program, recorded, that can lose its power after each of its calls. */
export interface Recording {
  scenario: Scenario
  /** After which of its changes the power can be lost: a run of writes to one file counts once. */
  moments: number[]
  /** Lets the power be lost in every way after so many changes. */
  lose(moment: number): Promise<Lost[]>
  remove(): void
}

/** What became of one loss. */
export interface Lost {
  /** What was lost, and after which call. */
  title: string
  state: State
  /** What must not be. */
  faults: string[]
}

/** It ended in the middle: nothing that it says counts. */
const NO_POWER: Ended = { code: undefined, err: '', hangs: false, calls: [] }

/**
 * The lock of a machine that lost its power is empty, or of another start of it: only time tells that nobody holds it, and
 * what it is beside. In a store both, and the folder that they are in, go with the next `prune`; beside a saved file that
 * was whole already it stays until that name is saved again. It is in nobody's way.
 */
const LEFT_BY_POWER_LOSS =
  /^next run: [^ ]*\/?(ingest(\/(unpacked-[^ /]*|made-[^ /]*))?|images\/\.[^ /]*|[^ ]*\.lock) is left$/

/** Records what a scenario does. @param folder of this recording alone */
export async function recordScenario(scenario: Scenario, inputs: Inputs, folder: string): Promise<Recording> {
  const base = makeWorkspace(path.join(folder, 'base'))
  await scenario.prepare?.(base, inputs)
  const surroundings = { environment: scenario.environment?.(inputs), input: scenario.input }
  const workspace = workspaceIn(path.join(folder, 'workspace-0'), surroundings)
  resetTo(base, workspace)
  const before = readTree(workspace.root)
  const words = await scenario.command(inputs, workspace)
  const changes = await record(workspace, words, scenario.ends)
  const after = readTree(workspace.root)
  expectWhole(changes, base, after, workspace.root)
  const expected = { before, after, telling: tellingPaths(before, after, scenario) }
  const trial = { scenario, expected, known: new Map<string, string[]>() }
  return {
    scenario,
    moments: momentsOf(changes),
    async lose(moment) {
      const disk = new Disk(base.root)
      for (const change of changes.slice(0, moment)) disk.apply(change)
      const lost: Lost[] = []
      for (const loss of lossesOf([moment, moment + 100_000])) {
        removeTree(workspace.root)
        disk.write(workspace.root, loss)
        const { state, faults } = await judge(trial, workspace, words, NO_POWER)
        const title = `${loss.title}, after ${wordsFor(changes[moment - 1])}`
        lost.push({ title, state, faults: faults.filter((fault) => !LEFT_BY_POWER_LOSS.test(fault)) })
        if (disk.isSynced) break
      }
      return lost
    },
    remove: () => removeTree(folder),
  }
}

/** What all changes together make must be what the run has made, or the recording lacks something. */
function expectWhole(changes: readonly Change[], base: Workspace, after: Tree, root: string): void {
  const disk = new Disk(base.root)
  for (const change of changes) disk.apply(change)
  removeTree(root)
  disk.write(root, { title: 'nothing is lost', keepsName: () => true, content: ({ now }) => now })
  const played = readTree(root)
  const wrong = [...new Set([...played.keys(), ...after.keys()])].filter(
    (name) => contentOf(played.get(name)) !== contentOf(after.get(name)),
  )
  if (wrong.length > 0) throw new Error(`The recording says otherwise of ${wrong.join(', ')}.`)
}

/** Without the permissions: those of folders depend on the umask. */
function contentOf(state: string | undefined): string | undefined {
  return state?.replace(/^(file|folder) \d+/, '$1')
}

function wordsFor(change: Change | undefined): string {
  if (!change) return 'nothing'
  const { kind } = change
  const name = 'to' in change ? change.to : change.name
  return `${kind} ${name === '' ? '/' : name}`
}
