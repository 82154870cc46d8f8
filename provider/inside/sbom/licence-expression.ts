import parse from 'spdx-expression-parse'

/** Longer ones are texts. */
const LONGEST = 1000

/** Whether a licence is a valid SPDX expression (SPDX 2.3, annex D), and not the package's own words. */
export function isLicenceExpression(licence: string): boolean {
  if (licence.length > LONGEST) return false
  try {
    parse(licence)
    return true
  } catch {
    return false
  }
}
