import { randomUUID } from 'node:crypto'
import {
  ContainerImageError,
  familiarName,
  formatLocalName,
  hasCode,
  type LocalName,
  option,
  platformOf,
} from '../../../manifests/index.js'
import type { LayerMaker, LayerWork, MadeLayer } from '../../copy/ports.js'
import { withChanges } from '../../inside/commit/config-changes.js'
import { type ImageToKeep, keepImage, namesTaken } from '../../inside/commit/keep-image.js'
import { LayerTar } from '../../inside/commit/layer-tar.js'
import { parseOwner } from '../../inside/commit/owners.js'
import type { Root } from '../../inside/commit/root.js'
import {
  changesOf,
  type FoundChanges,
  type Parent,
  type TreeChange,
} from '../../inside/commit/tree-changes.js'
import { openImage } from '../../inside/image/open-image.js'
import { treeOf } from '../../inside/look.js'
import { closing } from '../../io/closing/closing.js'
import { sourceDate } from '../../io/source-date.js'
import { type Context, inContext } from '../../session/context.js'
import { layerMaker } from '../../store/make-layer.js'
import { withPipes } from '../../targets/piped.js'
import { configOf, documentsFor, hasOtherSettings } from './new-documents.js'
import { defaultOwner, tellOf } from './notes.js'
import { type OpenedRoot, openRoot } from './open-root.js'
import type { CommitRequest, CommitResult } from './request.js'

/** What stands for no parent, as in a Dockerfile. */
const SCRATCH = 'scratch'

/**
 * Makes an image from a changed root file system: what differs from the image that it was unpacked from
 * becomes a layer on top of that image's layers. If nothing differs no image is made.
 * @throws USAGE, PATH_NOT_FOUND, NOT_INSTALLED, UNSAFE_NAME, CHANGED_MEANWHILE, FORMAT_UNFIT, NO_SPACE, STORE_LOCKED, and
 * what reading the parent throws
 */
export async function commit(request: CommitRequest): Promise<CommitResult> {
  return await withPipes(request, [request.path], async ([path = ''], rest) => {
    return await inContext(
      { ...rest, names: rest.from === undefined ? [] : [rest.from] },
      async (context) => {
        const name = familiarName(rest.name)
        withChanges(undefined, rest.changes ?? [])
        const opened = await openRoot(context, path)
        return await closing(opened.root, () => commitRoot(context, opened, name, rest))
      },
    )
  })
}

async function commitRoot(
  context: Context,
  opened: OpenedRoot,
  name: LocalName,
  request: CommitRequest,
): Promise<CommitResult> {
  const from = request.from ?? opened.from
  if (from === undefined) throw noParent(opened.root)
  if (from === SCRATCH) return await commitUpon(context, undefined, opened, name, request)
  const { platform, source } = request
  const image = await openImage(context, { ...request, name: from, platform, source }).catch((error) => {
    // The image that a bundle names may be long gone, or never was here.
    throw request.from === undefined && hasCode(error, 'NOT_INSTALLED') ? noParent(opened.root) : error
  })
  return await closing(image, async () => {
    if (image.os === 'windows') throw ofWindows(image.label)
    const parent = { image, tree: await treeOf(image, context) }
    return await commitUpon(context, parent, opened, name, request)
  })
}

async function commitUpon(
  context: Context,
  parent: Parent | undefined,
  { root, isFolder }: OpenedRoot,
  name: LocalName,
  request: CommitRequest,
): Promise<CommitResult> {
  const { times, signal, onProgress } = request
  const owner = parseOwner(request.owner ?? defaultOwner(context, isFolder && parent !== undefined))
  const found = await changesOf(root, parent, { owner, times, signal, onProgress })
  tellOf(context, root, found)
  const result: CommitResult = {
    image: formatLocalName(name),
    ...{ digest: '', id: '', tags: [] },
    ...(parent ? { parent: { image: parent.image.label, digest: parent.image.root.digest } } : {}),
    counts: countsOf(found.changes),
    files: found.changes.map(committedFile),
    leftOut: root.leftOut.map(({ path, reason }) => ({ path: `/${path}`, reason })),
    moved: [],
  }
  const config = configOf(parent, request)
  if (found.changes.length === 0 && parent && !hasOtherSettings(parent, config, request)) return result
  const maker = layerMaker(await context.store(), context.hasher)
  return await closing(maker, async () => {
    const isMade = !request.whatIf && (found.changes.length > 0 || !parent)
    const layer = isMade ? await makeLayer(context, maker, root, found, result.image) : undefined
    const image: ImageToKeep = {
      made: documentsFor(parent, config, layer, request),
      ...{ name, platform: platformOf(config), latest: request.latest ?? false },
      layers: parent?.image.source,
      fresh: new Set(layer ? [layer.descriptor.digest] : []),
    }
    return await kept(context, image, layer, result, request.whatIf ?? false)
  })
}

async function makeLayer(
  { options: { signal, onProgress } }: Context,
  maker: LayerMaker,
  root: Root,
  found: FoundChanges,
  image: string,
): Promise<MadeLayer> {
  const task = `Writing the layer of ${image}`
  const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: task, count, kind: 'copied' })
  const tar = new LayerTar(root, found, { latest: latestTime(), signal, onBytes })
  onProgress?.({ type: 'begin', task, total: tar.contentBytes })
  const work: LayerWork = {
    // It is made from a folder that may change: nobody could find it again by this.
    identity: `commit ${randomUUID()}`,
    compress: 'gzip',
    sizeAtMost: 2 * tar.size,
    write: (file) => tar.write(file),
  }
  const layer = await maker.make(work, { signal })
  onProgress?.({ type: 'end', task })
  return layer
}

/** Making it again gives the same bytes only if its files have no later times either. */
function latestTime(): number | undefined {
  const { SOURCE_DATE_EPOCH: epoch } = process.env
  return epoch === undefined || epoch === '' ? undefined : sourceDate().getTime() / 1000
}

async function kept(
  context: Context,
  image: ImageToKeep,
  layer: MadeLayer | undefined,
  result: CommitResult,
  whatIf: boolean,
): Promise<CommitResult> {
  const tags = [image.name, ...(image.latest ? [{ ...image.name, tag: 'latest' }] : [])].map(formatLocalName)
  const named = { ...result, tags: [...new Set(tags)] }
  if (whatIf) {
    const moved = await namesTaken(context, image)
    return { ...named, moved: moved.map((one) => ({ ...one, to: '' as const })) }
  }
  const moved = await keepImage(context, image)
  const { root, manifest } = image.made
  return {
    ...named,
    ...{ digest: root.digest, id: manifest.config.digest, moved },
    ...(layer
      ? { layer: { digest: layer.descriptor.digest, diffId: layer.diffId, size: layer.descriptor.size } }
      : {}),
  }
}

function countsOf(changes: readonly TreeChange[]): CommitResult['counts'] {
  const counts = { added: 0, changed: 0, removed: 0 }
  for (const { does } of changes) counts[DONE[does]]++
  return counts
}

const DONE = { add: 'added', change: 'changed', remove: 'removed' } as const

function committedFile(change: TreeChange): CommitResult['files'][number] {
  if (change.does === 'remove') return { path: `/${change.path}`, change: 'removed', what: [] }
  return { path: `/${change.entry.path}`, change: DONE[change.does], what: change.what }
}

function noParent({ label }: Root): ContainerImageError {
  return new ContainerImageError('USAGE', `${label} does not say which image it was.`, {
    side: 'source',
    expected: `the name of an image, or ${SCRATCH} for none`,
    found: 'none',
    remedy: `Give it with ${option('from')}.`,
  })
}

function ofWindows(label: string): ContainerImageError {
  return new ContainerImageError('FORMAT_UNFIT', `${label} is an image of Windows.`, {
    side: 'source',
    expected: 'an image of Linux',
    found: 'one whose layers have what no folder here can have',
    remedy: 'Make the image on Windows.',
  })
}
