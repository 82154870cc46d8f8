import { Findings, LIMITS } from '../../../manifests/index.js'
import { shallowJson } from '../../../manifests/json-structure.js'
import { readDocument } from '../../io/files/read-document.js'
import { isCycloneDx, readCycloneDxVex } from './cyclonedx-vex.js'
import { readIdList } from './id-list.js'
import { isOpenVex, readOpenVex } from './openvex.js'
import type { Statement } from './statement.js'

/** What files say is to be left out, each with its file. */
export interface IgnoredStatement extends Statement {
  file: string
}

/**
 * Reads files of vulnerabilities that are to be ignored: OpenVEX, CycloneDX with VEX, or a plain list of ids.
 * A file with any mistake in it is refused: what it leaves out must be what its author meant.
 * @throws INVALID_DOCUMENT, PATH_NOT_FOUND, NOT_A_FILE, DOCUMENT_TOO_LARGE
 */
export async function readIgnored(files: readonly string[]): Promise<IgnoredStatement[]> {
  const all: IgnoredStatement[] = []
  for (const file of files) {
    const bytes = await readDocument(file, LIMITS.userFileBytes)
    const findings = new Findings(`file of what is ignored, ${file},`)
    const statements = read(bytes, findings)
    findings.throwIfAny()
    all.push(...statements.map((one) => ({ ...one, file })))
  }
  return all
}

function read(bytes: Buffer, findings: Findings): Statement[] {
  const text = inUtf8(bytes, findings)
  if (text === undefined) return []
  if (!/^\s*[[{]/.test(text)) return readIdList(text, findings)
  const value = json(text, findings)
  if (value === undefined) return []
  if (isOpenVex(value)) return readOpenVex(value, findings)
  if (isCycloneDx(value)) return readCycloneDxVex(value, findings)
  findings.add('(whole)', 'OpenVEX, CycloneDX, or a plain list of ids', value)
  return []
}

function inUtf8(bytes: Buffer, findings: Findings): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    findings.note('(whole)', 'text in UTF-8', (error as Error).message)
    return undefined
  }
}

function json(text: string, findings: Findings): unknown {
  try {
    return shallowJson(text)
  } catch (error) {
    findings.note('(whole)', 'JSON', (error as Error).message)
    return undefined
  }
}
