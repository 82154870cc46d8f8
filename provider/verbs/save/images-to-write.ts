import { openWim, readTree } from '../../formats/wim/index.js'
import { closing } from '../../io/closing/closing.js'
import type { WimFile } from '../../targets/chosen-images.js'

/**
 * The images of a WIM that are to be written to a new one, by index or name; none if the file is copied as it
 * is. New ones are written for one image of several, and for a delta that was given together with what it
 * lacks.
 */
export async function imagesToWrite(wim: WimFile, refs: readonly string[] = []): Promise<string[]> {
  const { location, image, beside } = wim
  if (image !== undefined) return [image]
  if (location.kind !== 'path') return []
  if (refs.length === 0) return []
  const opened = await openWim(location.path, { beside })
  return await closing(opened, async () => {
    const all = opened.images.map(({ index }) => index)
    for (const index of all) await readTree(opened, index)
    return opened.borrowed.length > 0 ? all.map(String) : []
  })
}
