import { existsSync } from 'node:fs'
import path from 'node:path'
import { ANNOTATIONS, formatPlatform, isDigest, platformOf } from '../../../manifests/index.js'
import { innerFile } from '../../formats/open/inner-file.js'
import { isWimFile } from '../../formats/open/is-wim-file.js'
import type { InspectedWim } from '../../formats/wim/layer/inspected-wim.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { scratchOf } from '../../targets/open-options.js'
import { withReadable } from '../../targets/readable.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import { trustOf } from '../../trust/images/signatures-of.js'
import type { JudgedSigner } from '../../trust/signed/judged-signers.js'
import { seenSignatures } from '../../trust/taking/look-at-signatures.js'
import { type DescribedImage, type Describing, describeImages } from './described-image.js'
import { isRemote, type RemoteImage, remoteImage } from './remote-image.js'
import type { InspectedImage, InspectRequest } from './request.js'

/**
 * Everything that is known about images in the store or in archives, and what WIMs say about themselves.
 * @throws NOT_INSTALLED and what reading the images throws
 */
export async function inspect(request: InspectRequest): Promise<(InspectedImage | InspectedWim)[]> {
  return await withReadable(request, request.names, (names, rest) => inspectAll({ ...rest, names }))
}

async function inspectAll(request: InspectRequest): Promise<(InspectedImage | InspectedWim)[]> {
  return await inContext(request, async (context) => {
    const found: (InspectedImage | InspectedWim)[] = []
    const { words, beside } = await wimCompanions(request.names)
    const { platform } = request
    const describing: Describing = { platform, judge: (image) => trustOf(context, image) }
    for (const name of words) {
      if (await isRemote(context, name, request.remote ?? false)) {
        found.push(inspectedThere(await remoteImage(context, name, request)))
        continue
      }
      const wim = (await isWimFile(name)) ? await inspectWim(name, beside) : await packedWim(context, name)
      if (wim) {
        found.push(wim)
        continue
      }
      const images = (await describeImages(context, name, describing)).map(inspected)
      const signers = await signersAt(context, name)
      for (const { manifest, config, ...image } of images)
        found.push({ ...image, ...(signers.length > 0 ? { signers } : {}), manifest, config })
    }
    return found
  })
}

/** Only for a path: installed images were checked when they arrived. */
async function signersAt(context: Context, name: string): Promise<JudgedSigner[]> {
  return existsSync(name) ? (await seenSignatures(context, path.resolve(name))).signers : []
}

/** For a zip or 7z that holds only a WIM. */
async function packedWim(context: Context, name: string): Promise<InspectedWim | undefined> {
  const { signal } = context.options
  const options = { scratch: scratchOf(context), signal }
  const inner = await innerFile(path.resolve(name), options)
  return await closing(inner, async () => {
    return inner && (await isWimFile(inner.path)) ? await inspectWim(inner.path) : undefined
  })
}

async function inspectWim(file: string, beside: readonly string[] = []): Promise<InspectedWim> {
  const [{ openWim }, { inspectedWim }] = await Promise.all([
    import('../../formats/wim/read/wim.js'),
    import('../../formats/wim/layer/inspected.js'),
  ])
  const wim = await openWim(file, { beside })
  return await closing(wim, async () => {
    return inspectedWim(wim)
  })
}

function inspectedThere(image: RemoteImage): InspectedImage {
  const { reference, platforms, artifacts } = image
  const { manifest, config, ...own } = inspected(image)
  return {
    ...own,
    reference,
    ...(platforms ? { platforms } : {}),
    ...(artifacts ? { artifacts } : {}),
    manifest,
    ...(config ? { config } : {}),
  }
}

function inspected(image: DescribedImage): InspectedImage {
  const { manifest, config, artifact, attestations, root, manifestDescriptor } = image
  const original = manifest.annotations?.[ANNOTATIONS.original]
  const layers = manifest.layers.reduce((sum, layer) => sum + layer.size, 0)
  return {
    name: image.name,
    digest: root.digest,
    id: manifest.config.digest,
    mediaType: root.mediaType,
    tags: image.tags,
    platform: formatPlatform(config && platformOf(config)),
    created: config?.created ?? '',
    size: manifestDescriptor.size + manifest.config.size + layers,
    original: isDigest(original) ? original : undefined,
    ...artifact,
    ...(attestations ? { attestations } : {}),
    ...image.trust,
    manifest,
    config,
  }
}
