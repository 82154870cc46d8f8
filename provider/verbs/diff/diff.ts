import { compareFiles, type FileDifference, type Side } from '../../inside/compare/compare-files.js'
import { compareLayers } from '../../inside/compare/compare-layers.js'
import { compareSettings } from '../../inside/compare/compare-settings.js'
import { type OpenImage, openImage } from '../../inside/image/open-image.js'
import { treeOf } from '../../inside/look.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { withPipes } from '../../targets/piped.js'
import { insideFile } from '../files/files.js'
import type { DifferentFile, DiffPart, DiffRequest, DiffResult } from './request.js'

const ALL: readonly DiffPart[] = ['config', 'layers', 'files']

/**
 * In what two images differ, wherever they lie. Layers that both have are read once; nothing is read where both are one.
 * @throws as `openImage`, and what reading their layers throws
 */
export async function diff(request: DiffRequest): Promise<DiffResult> {
  const words = [request.first, request.second]
  return await withPipes(request, words, async ([first = '', second = ''], rest) => {
    return await inContext({ ...rest, names: [first, second] }, async (context) => {
      const { platform, source, secondPlatform = platform, secondSource = source } = rest
      const one = await openImage(context, { ...rest, name: first, platform, source })
      return await closing(one, async () => {
        const look = { ...rest, name: second, platform: secondPlatform, source: secondSource }
        const other = await openImage(context, look)
        return await closing(other, () => compared(context, one, other, rest))
      })
    })
  })
}

async function compared(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  { only = ALL, times }: DiffRequest,
): Promise<DiffResult> {
  const identical = first.root.digest === second.root.digest
  const sides = { first: sideOf(first), second: sideOf(second) }
  if (identical) return { ...sides, identical, same: true }
  const config = only.includes('config') ? compareSettings(first.config, second.config) : undefined
  const layers = only.includes('layers') ? compareLayers(first, second) : undefined
  const files = only.includes('files') ? await filesOf(context, first, second, times) : undefined
  const otherLayers = layers ? layers.first.length + layers.second.length : 0
  const same = (config?.length ?? 0) + otherLayers + (files?.length ?? 0) === 0
  return {
    ...sides,
    ...{ identical, same },
    ...(config ? { config } : {}),
    ...(layers ? { layers } : {}),
    ...(files ? { files } : {}),
  }
}

function sideOf({ label, root }: OpenImage): DiffResult['first'] {
  return { image: label, digest: root.digest }
}

async function filesOf(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  times: boolean | undefined,
): Promise<DifferentFile[]> {
  const { shared, ...others } = compareLayers(first, second)
  if (others.first.length + others.second.length === 0) return []
  const { signal, onProgress } = context.options
  const a: Side = { image: first, tree: await treeOf(first, context) }
  const b: Side = { image: second, tree: await treeOf(second, context) }
  return (await compareFiles(a, b, { times, signal, onProgress })).map(differentFile)
}

function differentFile({ path, first, second, what }: FileDifference): DifferentFile {
  return {
    path: `/${path}`,
    change: first && second ? 'changed' : first ? 'removed' : 'added',
    what,
    ...(first ? { first: insideFile(first) } : {}),
    ...(second ? { second: insideFile(second) } : {}),
  }
}
