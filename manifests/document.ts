import { ContainerImageError } from './errors.js'
import { Findings, show } from './problems.js'

/**
 * The JSON object in some bytes.
 * @throws DOCUMENT_TOO_LARGE before it is parsed; INVALID_DOCUMENT where it is no JSON object,
 * or where two of its keys differ only in case, which some parsers take for the same key.
 */
export function parseObject(bytes: Uint8Array, document: string, limit: number): Record<string, unknown> {
  if (bytes.length > limit)
    throw new ContainerImageError('DOCUMENT_TOO_LARGE', `The ${document} has ${bytes.length} bytes.`, {
      expected: `at most ${limit} bytes`,
      found: bytes.length,
    })
  const findings = new Findings(document)
  const value = parseJson(bytes, findings)
  findings.throwIfAny()
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add('(whole)', 'a JSON object', show(value))
    findings.throwIfAny()
  }
  const object = value as Record<string, unknown>
  checkKeysDistinct(object, findings)
  findings.throwIfAny()
  return object
}

/** The JSON value in some bytes, which must be UTF-8. */
export function parseJson(bytes: Uint8Array, findings: Findings): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    findings.add('(whole)', 'JSON in UTF-8', (error as Error).message)
    return undefined
  }
}

function checkKeysDistinct(object: Record<string, unknown>, findings: Findings): void {
  const seen = new Map<string, string>()
  for (const key of Object.keys(object)) {
    const folded = key.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined) findings.add(key, 'keys that differ by more than case', other)
    seen.set(folded, key)
  }
}

/** The value of a key, whatever its case: Go's parser does not look at case, and ours must not disagree. */
export function anyCase(object: Record<string, unknown>, key: string): unknown {
  for (const [k, v] of Object.entries(object)) if (k.toLowerCase() === key.toLowerCase()) return v
  return undefined
}
