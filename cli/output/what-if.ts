import { inMessage, printable } from '../../manifests/index.js'

/** What would be done, in the form in which PowerShell says it. */
export function whatIf(operation: string, target: string): string {
  return `What if: Performing the operation "${operation}" on target "${printable(inMessage(target))}".`
}
