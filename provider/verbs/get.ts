import { matcher } from '../../catalog/wildcard.js'
import type { Descriptor } from '../../manifests/index.js'
import { type Context, inContext } from '../context/context.js'
import type { GetRequest, StoredImage } from '../requests.js'
import { type TaggedImage, taggedImages } from '../store/images.js'
import { splitTag } from './split-tag.js'

/**
 * The installed images, a row a tag, newest tags of a repository as the store lists them.
 * Of an engine what it lists. @throws ENGINE_UNREACHABLE, LAYOUT_INVALID, INVALID_DOCUMENT where the store's index is damaged
 */
export async function get(request: GetRequest = {}): Promise<StoredImage[]> {
  if (request.engine) return await (await import('./engine-images.js')).imagesOfEngine(request)
  return await inContext(request, async (context) => {
    const images = await taggedImages(await context.store(), notesDamage(context))
    return images.filter(selects(request.names)).map(row)
  })
}

/** Tells the reader of entries of the store that cannot be read. */
export function notesDamage(context: Context): (entry: Descriptor) => void {
  return ({ digest }) =>
    context.note(`${digest} cannot be read and is left out; run \`containerimage verify\`.`)
}

/** Whether an image has one of the names: `debian`, `debian:12*`, `NanoServer`, a digest or its beginning. */
export function selects(names: string[] | undefined): (image: TaggedImage) => boolean {
  if (!names || names.length === 0) return () => true
  const tests = names.map((text) => {
    const { name, tag } = splitTag(text)
    const byName = matcher(name)
    const byTag = tag === undefined ? () => true : matcher(tag)
    const byText = matcher(text)
    return (image: TaggedImage) =>
      ((byName(image.name) || byName(image.local.repository)) && byTag(image.local.tag)) ||
      byText(image.refName) ||
      byText(image.fullName) ||
      (/^[0-9a-f]{6,}$/.test(text) && image.configDigest.slice(7).startsWith(text)) ||
      image.entry.digest === text
  })
  return (image) => tests.some((test) => test(image))
}

function row(image: TaggedImage): StoredImage {
  const osVersion = image.platform['os.version']
  return {
    repository: image.local.repository,
    tag: image.local.tag,
    name: image.name,
    version: image.version,
    fullName: image.fullName,
    id: image.configDigest,
    digest: image.entry.digest,
    created: image.config.created ?? '',
    size: image.size,
    os: image.platform.os,
    architecture: image.platform.architecture,
    ...(osVersion === undefined ? {} : { osVersion }),
  }
}
