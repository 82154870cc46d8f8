import { matcher } from '../../catalog/wildcard.js'
import { type Context, inContext } from '../context/context.js'
import type { Engine, EngineImage } from '../engine/engine.js'
import { familiarName } from '../engine/names.js'
import { openEngine } from '../engine/open-engine.js'
import { fullName } from '../names/full-name.js'
import type { CommonOptions, EngineRequest, GetRequest, StoredImage } from '../requests.js'
import { engineOptions } from './engine-options.js'
import { splitTag } from './split-tag.js'

/** What an engine has, a row a tag, in the words in which the store's images are told. @throws ENGINE_UNREACHABLE */
export async function imagesOfEngine(request: GetRequest): Promise<StoredImage[]> {
  return await withEngine(request, async (engine) => {
    const images = await engine.images(request.signal ? { signal: request.signal } : {})
    return rowsOf(images).filter(hasOneOf(request.names))
  })
}

/** Opens the engine of a request, and closes it whatever happens. */
export async function withEngine<T>(
  request: CommonOptions & EngineRequest,
  work: (engine: Engine, context: Context) => Promise<T>,
): Promise<T> {
  return await inContext(request, async (context) => {
    const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
    try {
      return await work(engine, context)
    } finally {
      await engine.close()
    }
  })
}

/** A row for each name; an image without one has none, as `docker images` would show it as `<none>`. */
export function rowsOf(images: EngineImage[]): StoredImage[] {
  return images.flatMap((image) =>
    (image.names.length > 0 ? image.names : ['']).map((name) => row(image, name)),
  )
}

function row(image: EngineImage, full: string): StoredImage {
  const { repository, tag } = full === '' ? { repository: '<none>', tag: '<none>' } : familiarName(full)
  const name = repository.split('/').at(-1) ?? repository
  const osVersion = image.platform['os.version']
  return {
    repository,
    tag,
    name,
    version: tag,
    fullName: full === '' ? '' : fullName('Unknown', name, tag),
    id: image.id,
    digest: image.digest ?? '',
    created: image.created,
    size: image.size,
    os: image.platform.os,
    architecture: image.platform.architecture,
    ...(osVersion === undefined ? {} : { osVersion }),
  }
}

/** Whether a row has one of the names: `debian`, `debian:12*`, a digest, or the beginning of an id. */
export function hasOneOf(names: string[] | undefined): (row: StoredImage) => boolean {
  if (!names || names.length === 0) return () => true
  const tests = names.map((text) => {
    const { name, tag } = splitTag(text)
    const byName = matcher(name)
    const byTag = tag === undefined ? () => true : matcher(tag)
    return (one: StoredImage) =>
      ((byName(one.name) || byName(one.repository)) && byTag(one.tag)) ||
      (/^[0-9a-f]{6,}$/.test(text) && one.id.slice(7).startsWith(text)) ||
      one.digest === text
  })
  return (one) => tests.some((test) => test(one))
}
