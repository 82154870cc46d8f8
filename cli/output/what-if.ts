import { inMessage, printable } from '../../manifests/index.js'

/** What would be done, in PowerShell's words. */
export function whatIf(operation: string, target: string): string {
  return `What if: Performing the operation "${operation}" on target "${printable(inMessage(target))}".`
}
