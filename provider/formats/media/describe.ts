import { ANNOTATIONS, formatPlatform, historySteps, present } from '../../../manifests/index.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import type { Store } from '../../store/store.js'
import type { PageImage } from './page/page.js'

/** Every image of a media's layout, as its list and its page tell of it, in the order of names and versions. */
export async function describeMedia(store: Store): Promise<PageImage[]> {
  const images = (await taggedImages(store)).map(described)
  const key = (image: PageImage): string => `${image.name.toLowerCase()} ${image.version} ${image.tag}`
  return images.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function described(image: TaggedImage): PageImage {
  const { name, version, fullName, refName, entry, platform, artifact, size, manifest, config } = image
  const annotations = entry.annotations ?? {}
  return {
    name,
    version,
    fullName,
    tag: refName,
    platform: formatPlatform(platform),
    digest: entry.digest,
    mediaType: entry.mediaType,
    size,
    source: annotations[ANNOTATIONS.source] ?? '',
    saved: annotations[ANNOTATIONS.saved] ?? '',
    savedBy: annotations[ANNOTATIONS.savedBy] ?? '',
    ...present({ signedBy: annotations[ANNOTATIONS.signedBy] }),
    layers: manifest.layers.map(({ digest, mediaType, size }) => ({ digest, mediaType, size })),
    history: config ? historySteps(manifest, config) : [],
    ...present({ config }),
    ...artifact,
  }
}
