import { ContainerImageError } from './errors.js'
import { checkKeysDistinct } from './go-json.js'
import { notPlainUtf8 } from './in-utf8.js'
import { isObject } from './json-kinds.js'
import { checkStructure } from './json-structure.js'
import { Findings } from './problems.js'

/**
 * The JSON object in some bytes. @throws DOCUMENT_TOO_LARGE before it is parsed; INVALID_DOCUMENT if it is
 * not a JSON object, or if two of its keys differ only in case, which some parsers treat as the same key.
 */
export function parseObject(bytes: Uint8Array, document: string, limit: number): Record<string, unknown> {
  refuseLarger(bytes, document, limit)
  const findings = new Findings(document)
  const value = parseJson(bytes, findings)
  findings.throwIfAny()
  if (!isObject(value)) findings.add('(whole)', 'a JSON object', value)
  else checkKeysDistinct(value, findings)
  findings.throwIfAny()
  return value as Record<string, unknown>
}

/**
 * The JSON value in some bytes, which must be UTF-8 and must not be ambiguous.
 * @returns undefined if there are findings
 */
export function parseJson(bytes: Uint8Array, findings: Findings): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const before = findings.count
    checkStructure(text, findings)
    return findings.count > before ? undefined : JSON.parse(text)
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error)
    findings.note('(whole)', 'JSON in UTF-8', notPlainUtf8(bytes) ?? complaint)
    return undefined
  }
}

/** @throws DOCUMENT_TOO_LARGE */
export function refuseLarger(bytes: Uint8Array, document: string, limit: number): void {
  if (bytes.length <= limit) return
  throw new ContainerImageError('DOCUMENT_TOO_LARGE', `The ${document} has ${bytes.length} bytes.`, {
    expected: `at most ${limit} bytes`,
    found: bytes.length,
  })
}
