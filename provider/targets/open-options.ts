import { type Descriptor, MEDIA_TYPES } from '../../manifests/index.js'
import type { LayerMaker } from '../copy/ports.js'
import type { OpenOptions } from '../formats/open/open-options.js'
import type { VolumeSet } from '../formats/volumes/volume-set.js'
import type { ScratchPlace } from '../io/files/scratch.js'
import type { Context } from '../session/context.js'
import { checkFolders } from '../store/folders.js'
import { layerMaker } from '../store/make-layer.js'

/** What a request says about how files are opened. */
export interface OpeningRequest {
  index?: string
  skipUnsupported?: boolean
  whatIf?: boolean
  compress?: 'gzip'
  /** For a WIM: where to look for its other parts, and for what a delta lacks. */
  beside?: readonly string[] | undefined
  /** Remake layers that were made before: one of them may be damaged. */
  again?: boolean
  /** The volumes of a path that is a set, if they were found earlier. */
  volumeSet?: VolumeSet | undefined
  /** Blobs may be moved out of a folder. */
  mayTake?: boolean
  /** Nothing is taken: signatures do not matter. */
  looksOnly?: boolean
}

/** How files are opened for a verb: missing layers are made in the store. */
export async function openOptions(context: Context, request: OpeningRequest): Promise<OpenOptions> {
  const { signal, onProgress } = context.options
  const { index, skipUnsupported, beside, whatIf, compress, again, volumeSet, mayTake } = request
  const maker = layerMaker(await context.store(), context.hasher, { again: again ?? false })
  return {
    scratch: scratchOf(context),
    maker: whatIf ? planningMaker(maker) : maker,
    signal,
    onProgress,
    index,
    skipUnsupported,
    beside,
    onUsed: (file) => context.usedFiles.add(file),
    compress,
    volumeSet,
    mayTake,
  }
}

/** Where unpacked files are kept while they are read: beside incoming blobs of the store. */
export function scratchOf(context: Context): ScratchPlace {
  return async () => {
    const { places } = await context.store()
    await checkFolders(places)
    return places.ingestFolder
  }
}

const UNKNOWN_DIGEST = `sha256:${'0'.repeat(64)}`

/** Whether a descriptor is for a layer that a what-if has not made. */
export function isPlannedOnly(descriptor: Descriptor): boolean {
  return descriptor.digest === UNKNOWN_DIGEST
}

/** For what-if: makes nothing, but knows what was made before. */
function planningMaker(maker: LayerMaker): LayerMaker {
  return {
    find: (identity) => maker.find(identity),
    async make({ compress, sizeAtMost }) {
      const mediaType = compress ? MEDIA_TYPES.ociLayerGzip : MEDIA_TYPES.ociLayer
      const descriptor = { mediaType, digest: UNKNOWN_DIGEST, size: sizeAtMost }
      return { descriptor, diffId: UNKNOWN_DIGEST, path: '' }
    },
    close: () => maker.close(),
  }
}
