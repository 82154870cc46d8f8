import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ContainerImageError } from '../../manifests/index.js'
import { oneFileFacts } from './one-file.js'
import { ONE_FILE } from './one-file-location.js'
import { moduleIn } from './powershell-module.js'

/** The whole program as one file, to be taken along with what it saved. */
export interface CarriedTool {
  /** The one file; `size` is in bytes, `sha256` in hex. */
  file: {
    path: string
    /** In bytes. */
    size: number
    /** In hex. */
    sha256: string
  }
  /**
   * A list of the packages in it with their licences, then the texts: the content of
   * containerimage-licenses.txt.
   */
  licenses: string
  /** The files of the PowerShell module, as texts by their paths in its folder. */
  module: Record<string, string>
  /** Of the program. */
  version: string
}

/**
 * Finds the one file of the running program: the file that runs, or that of the installed package.
 * @throws TOOL_MISSING if it is missing or incomplete
 */
export async function carriedTool(place: URL = ONE_FILE): Promise<CarriedTool> {
  const path = fileURLToPath(place)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(path, error.code ?? error.message, error)
  })
  const text = bytes.toString('utf8')
  const facts = oneFileFacts(text)
  const module = moduleIn(text)
  if (!facts || !module) throw missing(path, 'another file, or one that is cut short')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { file: { path, size: bytes.length, sha256 }, ...facts, module }
}

function missing(path: string, found: string, cause?: unknown): ContainerImageError {
  return new ContainerImageError('TOOL_MISSING', 'The program as one file is not where it should be.', {
    side: 'source',
    expected: path,
    found,
    cause,
  })
}
