import { chainIds, type Descriptor, type Digest } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import { engineBound } from '../port/planned.js'
import type { DockerClient } from './client.js'
import { listImages } from './images.js'
import type { LoadForm } from './load-form.js'
import { partsOf } from './parts.js'

/** What a daemon has now. */
export interface Has {
  /** Ids of images. */
  images: Set<Digest>
  /** Chain ids of layers. */
  chains: Set<Digest>
}

/** @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function has(client: DockerClient, signal?: AbortSignal): Promise<Has> {
  const images = await listImages(client, signal)
  return {
    images: new Set(images.map((image) => image.id)),
    chains: new Set(images.flatMap((image) => chainIds(image.diffIds))),
  }
}

/** The layers of a plan that would be sent, each once. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function lacking(
  client: DockerClient,
  plan: CopyPlan,
  form: LoadForm,
  signal?: AbortSignal,
): Promise<Descriptor[]> {
  const how = { idOf: form.idOf, canCut: false, canImport: false }
  const parts = partsOf(engineBound(plan), await has(client, signal), how)
  const layers = parts.flatMap((part) => part.steps.map((step) => step.layer))
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
}
