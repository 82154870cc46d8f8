import { ContainerImageError, hasCode, option, printable } from '../../../manifests/index.js'
import { missingOf, openWim, readTree } from '../../formats/wim/read/wim.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { WimFile } from '../../targets/chosen-images.js'

/**
 * A note about a WIM that is saved as it is and lacks contents: alone it can be neither applied nor
 * installed.
 * @param file where it is
 */
export async function deltaNote(context: Context, wim: WimFile, file: string): Promise<string[]> {
  const lacking = await lackingIn(context, wim, file).catch((error) => {
    // A damaged WIM is still copied as it is: verify reports the damage.
    if (!(error instanceof ContainerImageError) || hasCode(error, 'INTERRUPTED')) throw error
    return 0
  })
  if (lacking === 0) return []
  const contents = lacking === 1 ? 'one of its contents is' : `${lacking} of its contents are`
  return [
    `${printable(wim.name)} is a delta, and saved as it is: ${contents} in the WIM that it was made against. ` +
      `Name that with ${option('ref')} to save a whole WIM, or carry it along.`,
  ]
}

async function lackingIn(
  { usedFiles, options: { signal } }: Context,
  { beside }: WimFile,
  file: string,
): Promise<number> {
  const wim = await openWim(file, { beside, onUsed: (used) => usedFiles.add(used) })
  return await closing(wim, async () => {
    const missing = new Set<string>()
    for (const { index } of wim.images)
      for (const sha1 of missingOf(wim, await readTree(wim, index, { signal }))) missing.add(sha1)
    return missing.size
  })
}
