import { lutimesSync } from 'node:fs'
import path from 'node:path'
import { brokenLayouts, wrongBlobs, wrongSums } from './layouts-in.js'
import { type Ended, type Injection, run, runInjected } from './run-command.js'
import type { Scenario } from './scenario.js'
import { readTree, type Tree } from './tree.js'
import type { Workspace } from './workspace.js'

/** What a run that nothing disturbs makes of a workspace. */
export interface Expected {
  before: Tree
  after: Tree
  /** Paths by which the old state is told from the new one. */
  telling: string[]
}

export type State = 'old' | 'new' | 'between'

/** What one disturbed run and the one after it came to. */
export interface Verdict {
  /** The call that was hit; undefined where the run made fewer. */
  call: string | undefined
  state: State
  /** What must not be. */
  faults: string[]
}

/** Which paths tell the two states apart: not blobs, which have no meaning without a name, where anything else does. */
export function tellingPaths(before: Tree, after: Tree, { mayDiffer }: Scenario): string[] {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) =>
      before.get(name) !== after.get(name) &&
      !isFolder(before.get(name) ?? after.get(name)) &&
      !mayDiffer?.test(name),
  )
  const named = changed.filter((name) => !/(^|\/)blobs\//.test(name))
  return named.length > 0 ? named : changed
}

/** One scenario as it is tried again and again. */
export interface Trial {
  scenario: Scenario
  expected: Expected
  shim: string
  /** What was wrong after the next run, by what the disturbed one left: the same is not tried twice. */
  known: Map<string, string[]>
}

/** Disturbs one run in a workspace that is in the old state, judges what is there, runs again, and judges that. */
export async function tryOnce(
  trial: Trial,
  workspace: Workspace,
  words: string[],
  injection: Injection,
): Promise<Verdict> {
  return await judge(trial, workspace, words, await runInjected(workspace, words, trial.shim, injection))
}

/** Judges what a disturbed run has left, runs again, and judges that. */
export async function judge(
  trial: Omit<Trial, 'shim'>,
  workspace: Workspace,
  words: string[],
  first: Ended,
): Promise<Verdict> {
  const { scenario, expected, known } = trial
  const tree = readTree(workspace.root)
  const state = stateOf(tree, first, expected)
  const faults = [
    ...wrongEnd(first, scenario),
    ...wrongAfterFault(tree, state, first, expected, scenario),
    ...(scenario.beginsDamaged ? [] : layoutFaults(workspace, expected)),
    ...(await failedCheck(scenario, workspace, first.code === 0)),
  ].map((fault) => `disturbed: ${anyName(fault)}`)
  const left = keyOf(tree)
  const again = known.get(left) ?? (await faultsOfNext(trial, workspace, words, state))
  if (!scenario.reachesOut) known.set(left, again)
  return { call: first.calls[0] && anyName(first.calls[0]), state, faults: [...faults, ...again] }
}

async function faultsOfNext(
  { scenario, expected }: Omit<Trial, 'shim'>,
  workspace: Workspace,
  words: string[],
  state: State,
): Promise<string[]> {
  letTimePass(workspace, expected)
  const { thenRun } = scenario
  const second = await run(workspace, words)
  const third = second.code !== 0 && thenRun ? await run(workspace, thenRun) : undefined
  return [
    ...(isWell(second, state, scenario) ? [] : [`ends with ${second.code}: ${oneLine(second.err)}`]),
    ...(third && third.code !== 0 ? [`${thenRun} ends with ${third.code}: ${oneLine(third.err)}`] : []),
    ...wrongAfterAll(readTree(workspace.root), expected, scenario),
    ...layoutFaults(workspace, expected),
    ...wrongSums(workspace.root),
    ...(await failedCheck(scenario, workspace, true)),
  ].map((fault) => `next run: ${anyName(fault)}`)
}

/** What a tree is, but for random names and for who held a lock. */
function keyOf(tree: Tree): string {
  const lines = [...tree].map(
    ([name, state]) => `${anyName(name)} ${/\.lock(\.[^/]*\.new)?$/.test(name) ? 'lock' : state}`,
  )
  return lines.sort().join('\n')
}

/** The next run comes a while later: what half a lock says is told by its age alone. */
function letTimePass({ root }: Workspace, { before, after }: Expected): void {
  const then = new Date(Date.now() - 600_000)
  for (const name of readTree(root).keys())
    if (!before.has(name) && !after.has(name)) lutimesSync(path.join(root, name), then, then)
}

/** Where nothing tells them apart, what the run says of itself does. */
function stateOf(tree: Tree, { code }: Pick<Ended, 'code'>, { before, after, telling }: Expected): State {
  if (telling.length === 0) return code === 0 ? 'new' : 'old'
  if (telling.every((name) => tree.get(name) === after.get(name))) return 'new'
  return telling.every((name) => tree.get(name) === before.get(name)) ? 'old' : 'between'
}

/** It may fail, with words for it; it may not hang, and what ends well has done its work. */
function wrongEnd({ code, err, hangs }: Omit<Ended, 'calls'>, { ends = 0 }: Scenario): string[] {
  if (hangs) return ['hangs']
  const faults: string[] = []
  if (err.includes('UNEXPECTED')) faults.push(`says ${oneLine(err)}`)
  if (/^\s+at .*[:(]/m.test(err)) faults.push(`prints a stack: ${oneLine(err)}`)
  if (code !== undefined && code !== ends && !/Error [A-Z_]+:/.test(err))
    faults.push(`ends with ${code} and says ${oneLine(err) || 'nothing'}`)
  return faults
}

function wrongAfterFault(
  tree: Tree,
  state: State,
  { code }: Omit<Ended, 'calls'>,
  { before, after }: Expected,
  { ends = 0, inSteps, inPlace, mayDiffer }: Scenario,
): string[] {
  const neither = [...new Set([...before.keys(), ...after.keys()])].filter((name) => {
    const found = tree.get(name)
    const isEither = found === before.get(name) || found === after.get(name)
    return !isEither && !mayDiffer?.test(name) && !inPlace?.test(name) && !isUnderWay(name)
  })
  return [
    ...neither.map((name) => `${name} is neither the old nor the new one`),
    ...(state === 'between' && !inSteps ? ['some of it is old, some of it is new'] : []),
    ...(code === ends && ends === 0 && state !== 'new' ? ['ends well and has not done its work'] : []),
  ]
}

/** The next run leaves what a run leaves that nothing disturbed, and nothing else. */
function wrongAfterAll(tree: Tree, { after }: Expected, { mayDiffer }: Scenario): string[] {
  const names = [...new Set([...tree.keys(), ...after.keys()])].filter((name) => !mayDiffer?.test(name))
  const isLeft = (name: string): boolean => tree.has(name) && !after.has(name)
  return names
    .filter((name) => tree.get(name) !== after.get(name) && !isLeft(path.dirname(name)))
    .map((name) =>
      isLeft(name)
        ? `${name} is left`
        : `${name} is ${tree.get(name) ?? 'not there'} in place of ${after.get(name)}`,
    )
}

function isWell(
  { code, err, hangs }: Omit<Ended, 'calls'>,
  state: State,
  { ends = 0, whenDone }: Scenario,
): boolean {
  if (hangs || err.includes('UNEXPECTED')) return false
  return code === ends || (state === 'new' && whenDone !== undefined && code === whenDone)
}

function layoutFaults({ root }: Workspace, { before, after }: Expected): string[] {
  return [...brokenLayouts(root, (file) => !before.has(file) && !after.has(file)), ...wrongBlobs(root)]
}

async function failedCheck({ check }: Scenario, workspace: Workspace, isDone: boolean): Promise<string[]> {
  try {
    await check?.(workspace, isDone)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** What lies in such a folder has no meaning yet. */
function isUnderWay(name: string): boolean {
  return /(^|\/)ingest(\/|$)/.test(name)
}

function isFolder(state: string | undefined): boolean {
  return state?.startsWith('folder') === true
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, ' | ')
    .slice(0, 500)
}

/** Without what differs from run to run, so that the same fault has the same words. */
function anyName(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-\d+\.[0-9a-f-]{36}/g, 'ID')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/[0-9a-f]{64}/g, 'DIGEST')
    .replace(/\b(making|layer|containerimage)-[A-Za-z0-9]{6}\b/g, '$1-ID')
    .replace(/\b\d+-\d+-[0-9a-f]+-[0-9a-f]{8}-[0-9a-f]{16}\b/g, 'OWNER')
    .replace(/\b\d{13}\b/g, 'TIME')
    .replace(/\/[^\s']*\/workspace-\d+/g, '')
}
