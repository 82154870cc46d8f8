import { printable } from '../../manifests/index.js'
import type { StoreCheckResult, StoreLeftover, StoreProblem } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** What is wrong with the store, what was put right, and what can be done about the rest. */
export function checkedStoreLines(
  result: StoreCheckResult,
  { isQuiet, isWhatIf }: { isQuiet: boolean; isWhatIf: boolean },
): string[] {
  const { problems, leftovers, notes } = result
  return [
    ...problems.flatMap((problem) => problemLines(problem, isWhatIf)),
    ...(isQuiet
      ? []
      : [
          ...leftovers.map((one) => leftoverLine(one, isWhatIf)),
          verdict(result, isWhatIf),
          ...notes.map(printable),
        ]),
  ]
}

function problemLines(problem: StoreProblem, isWhatIf: boolean): string[] {
  const { code, path, digest, expected, found, message, neededBy, from, repaired } = problem
  const done = repaired && !isWhatIf ? 'Repaired: ' : ''
  return [
    `${done}${code} ${printable(message)} (expected ${printable(expected)}, found ${printable(found)})`,
    ...(digest === undefined
      ? []
      : [`  needed by ${neededBy.length > 0 ? neededBy.map(printable).join(', ') : 'no image'}`]),
    ...(from.length > 0 ? [`  can be had from ${from.map(printable).join(', ')}`] : []),
    ...(repaired && isWhatIf ? [whatIf('Repair Store', printable(digest ?? path))] : []),
  ]
}

const LEFTOVERS: Record<StoreLeftover['kind'], string> = {
  part: 'the next run goes on from it, or prune removes it',
  useless: 'no run can use it; a repair removes it',
  unknown: 'this program did not make it, and leaves it alone',
}

function leftoverLine({ path, kind, bytes, removed }: StoreLeftover, isWhatIf: boolean): string {
  if (removed) return isWhatIf ? whatIf('Remove File', printable(path)) : `Removed ${printable(path)}`
  return `Left over ${printable(path)}, ${size(bytes)}: ${LEFTOVERS[kind]}`
}

function verdict(result: StoreCheckResult, isWhatIf: boolean): string {
  const { ok, blobs, bytes, problems, broughtBytes } = result
  const read = `Checked ${counted(blobs, 'blob')}, ${size(bytes)}`
  if (problems.length === 0) return `${read}: all is well.`
  const repaired = isWhatIf ? 0 : problems.filter((problem) => problem.repaired).length
  const mended = repaired > 0 ? `, ${repaired} repaired with ${size(broughtBytes)}` : ''
  return `${read}: ${counted(problems.length, 'problem')}${mended}${ok ? '; all is well now.' : '.'}`
}
