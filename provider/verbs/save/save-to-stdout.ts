import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { savedFormats } from '../../formats/open/saved-formats.js'
import { closing } from '../../io/closing/closing.js'
import { readRange } from '../../io/files/read-range.js'
import { makeScratch } from '../../io/files/scratch.js'
import { inContext } from '../../session/context.js'
import { scratchOf } from '../../targets/open-options.js'
import { inOtherWords } from '../../targets/other-words.js'
import type { SaveRequest, SaveResult } from './request.js'

/**
 * Saves one archive to `stdout`. Archives are not written from start to end, so it is first made in a private
 * folder.
 * @throws USAGE for more than one file
 */
export async function saveToStdout(
  request: SaveRequest,
  saveAt: (request: SaveRequest) => Promise<SaveResult>,
): Promise<SaveResult> {
  const name = `saved${endingOf(request)}`
  const { stdout, store, signal, onProgress, whatIf } = request
  if (!stdout) throw new ContainerImageError('USAGE', '- stands for standard output, and there is none.')
  return await inContext({ store, signal, onProgress, whatIf }, async (context) => {
    const folder = await makeScratch(scratchOf(context))
    return await closing(folder.remove, async () => {
      const file = path.join(folder.path, name)
      const saved = await inOtherWords(new Map([[file, 'stdout']]), request, async (inWords) => {
        const result = await saveAt({ ...inWords, path: file })
        const [only] = result.files
        if (only && !whatIf) await stdout(readRange({ path: file, offset: 0, size: only.size }, { signal }))
        return result
      })
      return { ...saved, files: saved.files.map((one) => ({ ...one, path: request.path })) }
    })
  })
}

/** @throws USAGE */
function endingOf(request: SaveRequest): string {
  const { format = 'oci-archive', volumeSize, splitSize, recovery, sbom, withTool, withNode = [] } = request
  const known = savedFormats().find(({ name }) => name === format)
  const isSigned = (request.sign ?? []).length > 0
  const severalFiles = isSigned || [volumeSize, splitSize, recovery].some((one) => one !== undefined)
  if (known?.saved.isFolder || severalFiles || sbom || withTool || withNode.length > 0)
    throw new ContainerImageError('USAGE', 'Only one file can be saved to standard output.', {
      side: 'destination',
      expected: 'one archive',
      found: known?.saved.isFolder ? `a ${format}` : 'several files',
      remedy: 'Give a folder, or leave out what makes several files.',
    })
  return known?.endings?.[0] ?? '.tar'
}
