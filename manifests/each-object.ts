import { isObject } from './json-kinds.js'
import type { Findings } from './problems.js'

/**
 * Looks at every object of a list in a document; anything that is not a list, or not an object, is a finding.
 */
export function eachObject(
  list: unknown,
  where: string,
  findings: Findings,
  check: (item: Record<string, unknown>, where: string, findings: Findings) => void,
): void {
  if (!Array.isArray(list)) findings.add(where, 'a list', list)
  else
    list.forEach((item, i) => {
      if (isObject(item)) check(item, `${where}[${i}]`, findings)
      else findings.add(`${where}[${i}]`, 'an object', item)
    })
}
