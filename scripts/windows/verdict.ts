import type { LeftOut } from '../../test/windows/left-out.js'
import type { Line } from './reporter.js'

/** The result of a run under Windows. */
export interface Verdict {
  passed: number
  /** Each test that failed and is not on the list, each that is on it and should not be, each file that did not end. */
  failures: string[]
  /** Tests that are on the list. */
  leftOut: number
  /** Tests that are skipped because a peer is missing; they say so themselves. */
  withoutPeers: number
}

/** How a group says what is missing, test/peers/. */
const WITHOUT_PEERS = /\(missing: |\(no namespaces\)/

/**
 * Judges a run by the list of what cannot run there, which has to be true: a test on it passes nowhere, and still
 * exists; every other test passes.
 * @param files those that were to be run
 */
export function judge(lines: readonly Line[], list: readonly LeftOut[], files: readonly string[]): Verdict {
  const verdict: Verdict = { passed: 0, failures: [], leftOut: 0, withoutPeers: 0 }
  const used = new Set<LeftOut>()
  for (const { file, title, state, error } of lines) {
    const listed = list.find((one) => one.file === file && isOf(title, one))
    if (listed) used.add(listed)
    const name = `${file}: ${title}`
    if (listed && state === 'passed')
      verdict.failures.push(`${name}\n  is on the list of what cannot run, and passes`)
    else if (listed) verdict.leftOut++
    else if (state === 'passed') verdict.passed++
    else if (state === 'failed') verdict.failures.push(`${name}\n  ${error ?? 'failed'}`)
    else if (WITHOUT_PEERS.test(title)) verdict.withoutPeers++
    else verdict.failures.push(`${name}\n  was skipped, and is not on the list of what cannot run`)
  }
  const begun = new Set(lines.map(({ file }) => file))
  for (const file of files) if (!begun.has(file)) verdict.failures.push(`${file}\n  did not end`)
  for (const one of list)
    if (files.includes(one.file) && begun.has(one.file) && !used.has(one))
      verdict.failures.push(
        `${one.file}: ${one.tests}\n  is on the list of what cannot run, and is not there any more`,
      )
  return verdict
}

function isOf(title: string, { tests }: LeftOut): boolean {
  return typeof tests === 'string' ? title.startsWith(tests) : tests.test(title)
}
