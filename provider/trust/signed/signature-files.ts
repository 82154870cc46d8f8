import path from 'node:path'
import { hasCode, SIGNATURE_ENDING, signedFile } from '../../../manifests/index.js'
import { listFolder } from '../../io/files/list-folder.js'
import { readDocument } from '../../io/files/read-document.js'
import { parseSignature, type Signature } from '../minisign/signature.js'
import { MOST_BYTES } from '../minisign/text-file.js'

/** A file whose name says that it is the signature of a list. */
export interface SignatureFile {
  /** Its name. */
  name: string
  /** Undefined if it is not a signature, or if it is not read. */
  signature?: Signature | undefined
  /** What it is instead. */
  problem?: string | undefined
}

/** Nobody has more signers than this. */
const MOST_SIGNATURES = 64
const MOST_FILES = 100_000

/** The signatures of a list, which are beside it. Links and files that are too large are not read. */
export async function signaturesOf(list: string): Promise<SignatureFile[]> {
  const folder = path.dirname(list)
  const name = path.basename(list)
  const found = (await listFolder(folder, 'source', MOST_FILES)).filter(
    (entry) => entry.name.endsWith(SIGNATURE_ENDING) && signedFile(entry.name) === name,
  )
  const files: SignatureFile[] = []
  for (const entry of found.slice(0, MOST_SIGNATURES))
    files.push(
      entry.isFile()
        ? await readSignature(folder, entry.name)
        : { name: entry.name, problem: 'it is not a regular file' },
    )
  return files
}

async function readSignature(folder: string, name: string): Promise<SignatureFile> {
  try {
    return { name, signature: parseSignature(await readDocument(path.join(folder, name), MOST_BYTES), name) }
  } catch (error) {
    if (!hasCode(error, 'SIGNATURE_INVALID', 'DOCUMENT_TOO_LARGE', 'NOT_A_FILE', 'PATH_NOT_FOUND'))
      throw error
    return { name, problem: error.message }
  }
}
