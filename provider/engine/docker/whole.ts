import type { EngineBound } from '../port/planned.js'
import type { DockerClient } from './client.js'

interface Listed {
  Id?: unknown
  /** Since version 1.47 of the API, if it was asked for. */
  Manifests?: { ID?: unknown; Available?: unknown }[] | null
}

/**
 * Whether an engine that keeps blobs has all of an image. Older ones leave images of which blobs are missing
 * out of their list, newer ones say it of each manifest (moby, api/swagger.yaml, "ImageManifestSummary").
 * @throws ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function isWhole(
  client: DockerClient,
  { planned, manifestDescriptor }: EngineBound,
  signal?: AbortSignal,
): Promise<boolean> {
  const listed = await client.json('GET', '/images/json', { query: { manifests: '1' }, signal })
  const images = Array.isArray(listed) ? (listed as Listed[]) : []
  const image = images.find(({ Id }) => Id === planned.root.digest)
  if (!image) return false
  const manifest = image.Manifests?.find(({ ID }) => ID === manifestDescriptor.digest)
  return manifest?.Available !== false
}
