import { type Digest, isDigest } from '../../../manifests/index.js'
import { rubbish } from '../client/complaints.js'
import { type AskOptions, ask } from '../client/program.js'
import type { EngineImage } from '../port/engine.js'
import type { Podman } from './podman.js'

/** The part of `podman image inspect` that is used. */
interface Inspected {
  Id: string
  Digest?: string
  RepoTags?: string[] | null
  Created?: string | null
  Architecture?: string
  Os?: string
  Variant?: string
  Size?: number
  ManifestType?: string
  RootFS?: { Layers?: string[] | null }
}

/** Runs a command that prints JSON. @throws ENGINE_REFUSED where it prints something else */
export async function askJson<T>(podman: Podman, args: string[], options: AskOptions): Promise<T> {
  const said = await ask(podman, args, options)
  try {
    return JSON.parse(said) as T
  } catch {
    throw rubbish(podman.label, `JSON, from podman ${args.join(' ')}`, said)
  }
}

/** All images of podman, with and without a tag. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function podmanImages(podman: Podman, options: AskOptions): Promise<EngineImage[]> {
  const rows = await askJson<unknown>(podman, ['images', '--no-trunc', '--format', 'json'], options)
  if (!Array.isArray(rows)) throw rubbish(podman.label, 'a list of images', JSON.stringify(rows))
  // One row per tag, with the same id in each.
  const ids = [...new Set((rows as { Id?: unknown }[]).map(({ Id }) => String(Id)))]
  if (ids.length === 0) return []
  const inspected = await askJson<Inspected[]>(podman, ['image', 'inspect', ...ids], options)
  return inspected.map((one) => described(podman, one))
}

/** The image that each container uses, by its id. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function imagesOfContainers(podman: Podman, options: AskOptions): Promise<string[]> {
  const rows = await askJson<unknown>(podman, ['ps', '--all', '--no-trunc', '--format', 'json'], options)
  if (!Array.isArray(rows)) throw rubbish(podman.label, 'a list of containers', JSON.stringify(rows))
  return rows.flatMap(({ ImageID }: { ImageID?: unknown }) => idOf(String(ImageID)) ?? [])
}

function described(podman: Podman, one: Inspected): EngineImage {
  const id = idOf(one.Id)
  if (!id) throw rubbish(podman.label, 'an image with an id', JSON.stringify(one))
  const { Architecture = '', Os = '', Variant, Digest: digest } = one
  return {
    id,
    digest: isDigest(digest) ? digest : undefined,
    names: one.RepoTags ?? [],
    diffIds: (one.RootFS?.Layers ?? []).filter(isDigest),
    platform: { os: Os, architecture: Architecture, variant: Variant || undefined },
    created: one.Created ?? '',
    size: one.Size ?? 0,
  }
}

/** The digest of the manifest that podman keeps for an image. */
export async function manifestTypeOf(podman: Podman, name: string, options: AskOptions): Promise<string> {
  const [one] = await askJson<Inspected[]>(podman, ['image', 'inspect', name], options)
  return one?.ManifestType ?? ''
}

/** podman writes ids without their algorithm. */
export function idOf(text: string): Digest | undefined {
  const id = text.startsWith('sha256:') ? text : `sha256:${text}`
  return isDigest(id) ? id : undefined
}
