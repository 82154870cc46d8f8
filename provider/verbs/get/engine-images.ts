import { familiarName } from '../../../manifests/index.js'
import { openEngine } from '../../engine/open-engine.js'
import type { Engine, EngineImage } from '../../engine/port/engine.js'
import { closing } from '../../io/closing/closing.js'
import { imagesNamed } from '../../names/asked-images.js'
import { fullName } from '../../names/full-name.js'
import { type Context, inContext } from '../../session/context.js'
import type { CommonOptions, EngineRequest } from '../../session/options.js'
import { NO_NAME } from '../../store/images.js'
import { engineOptions } from '../../targets/engine-options.js'
import { filtered } from './filters.js'
import type { GetRequest, StoredImage } from './request.js'

/** What an engine has, one row per tag, in the same form as the store's images. @throws ENGINE_UNREACHABLE */
export async function imagesOfEngine(request: GetRequest): Promise<StoredImage[]> {
  return await withEngine(request, async (engine) => {
    const { signal } = request
    const images = await engine.images({ signal })
    const used = await engine.containers({ signal })
    const rows = images.flatMap((image) =>
      rowsOf([image]).map((one) => ({ ...one, ...sizesOf(engine, one), ...containersOf(image, used) })),
    )
    const rowsOnly = rows.map((one) => ({ row: one, labels: undefined }))
    return imagesNamed(request.names, filtered(request.filters ?? [], rowsOnly, new Date()))
  })
}

/** Containerd counts what it stores; docker and podman what they have unpacked. */
function sizesOf({ kind }: Engine, { size }: StoredImage): Pick<StoredImage, 'unpackedSize' | 'contentSize'> {
  return kind === 'containerd' ? { contentSize: size } : { unpackedSize: size }
}

function containersOf(
  { id, names }: EngineImage,
  used: ReadonlyMap<string, number> | undefined,
): Pick<StoredImage, 'containers'> {
  if (!used) return {}
  return { containers: [id, ...names].reduce((sum, key) => sum + (used.get(key) ?? 0), 0) }
}

/** Opens the engine of a request, and closes it whatever happens. */
export async function withEngine<T>(
  request: CommonOptions & EngineRequest,
  work: (engine: Engine, context: Context) => Promise<T>,
): Promise<T> {
  return await inContext(request, async (context) => {
    const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
    return await closing(engine, async () => {
      return await work(engine, context)
    })
  })
}

/** One row per name; an image without a name, which `docker images` shows as `<none>`, has no row. */
export function rowsOf(images: EngineImage[]): StoredImage[] {
  return images.flatMap((image) =>
    (image.names.length > 0 ? image.names : ['']).map((name) => row(image, name)),
  )
}

function row(image: EngineImage, full: string): StoredImage {
  const { repository, tag } = full === '' ? NO_NAME : familiarName(full)
  const osVersion = image.platform['os.version']
  return {
    repository,
    tag,
    name: repository,
    version: tag,
    fullName: full === '' ? '' : fullName('Unknown', repository, tag),
    id: image.id,
    digest: image.digest ?? '',
    created: image.created,
    size: image.size,
    os: image.platform.os,
    architecture: image.platform.architecture,
    osVersion,
  }
}
