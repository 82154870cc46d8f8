import { parseJson } from '../../../../manifests/document.js'
import { Findings, printable } from '../../../../manifests/index.js'
import { isObject } from '../../../../manifests/json-kinds.js'
import { SignatureFault } from './signature-fault.js'

/**
 * What the library makes of bytes from outside; its own errors say what is wrong with them.
 * @throws SignatureFault
 */
export function shaped<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    const why = printable((error as Error).message.slice(0, 300))
    throw new SignatureFault('IMAGE_SIGNATURE_INVALID', `it cannot be read: ${why}`, error)
  }
}

/**
 * The JSON object in a document that goes with an image.
 * @throws SignatureFault
 */
export function objectIn(bytes: Uint8Array, what: string): Record<string, unknown> {
  const findings = new Findings(what)
  const json = parseJson(bytes, findings)
  if (isObject(json)) return json
  const [problem] = findings.problems
  const found = problem ? problem.found : 'no JSON object'
  throw new SignatureFault('IMAGE_SIGNATURE_INVALID', `its ${what} cannot be read: ${found}`)
}
