import { printable } from '../../manifests/index.js'
import type { FailedReference } from '../../provider/index.js'

/** Which of several references were left behind, why, and what to do about each. */
export function failedLines(failed: readonly FailedReference[] = [], done: string): string[] {
  return failed.flatMap(({ reference, message, remedy }) => [
    `Not ${done}: ${printable(reference)}: ${printable(message)}`,
    `  ${printable(remedy)}`,
  ])
}

/** Of the worst of them; undefined where nothing failed. */
export function worstExitCode(failed: readonly FailedReference[] = []): number | undefined {
  return failed.length === 0 ? undefined : Math.max(...failed.map(({ exitCode }) => exitCode))
}
