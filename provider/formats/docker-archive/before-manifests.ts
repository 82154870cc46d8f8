import { createHash } from 'node:crypto'
import {
  ContainerImageError,
  canonicalBytes,
  type Digest,
  type DockerArchiveImage,
  digestOf,
  LIMITS,
  parseObject,
  show,
} from '../../../manifests/index.js'
import { compressionOf, decompressed } from '../../archives/members/compression.js'
import { followLinks } from '../../archives/members/follow-links.js'
import type { Members } from '../../archives/members/members.js'
import { parsed } from '../../copy/documents.js'
import { collect } from '../../copy/read-verified.js'
import type { Bytes } from '../../io/bytes.js'

/** In those days each layer was an image: a folder named after its id, with VERSION, json and layer.tar. */
const LAYER_FOLDER = /^([0-9a-f]{64})\/json$/

/**
 * What docker before 1.10 saved, with the `manifest.json` and the configs that it did not have yet (moby image/spec
 * v1.0): `repositories` says which id a name means, each `ID/json` is a config that names the layer below.
 * The layers are read once for their diff ids, as nothing in the archive gives them.
 * @returns undefined for every other archive
 * @throws INVALID_DOCUMENT, BLOB_MISSING, ARCHIVE_INVALID
 */
export async function withManifest(members: Members, signal?: AbortSignal): Promise<Members | undefined> {
  const ids = (await members.list()).flatMap(({ name }) => LAYER_FOLDER.exec(name)?.[1] ?? [])
  if (ids.length === 0) return undefined
  const layers = new Map<string, Layer>()
  for (const id of ids) layers.set(id, await readLayer(members, id))
  const made = new Map<string, Uint8Array>()
  const images: DockerArchiveImage[] = []
  const diffIds = new Map<string, Digest>()
  for (const [id, names] of await imagesOf(members, layers)) {
    const chain = chainOf(members, layers, id)
    for (const layer of chain)
      if (!diffIds.has(layer.id)) diffIds.set(layer.id, await diffIdOf(members, layer.id, signal))
    const config = canonicalBytes(configOf(chain, diffIds))
    const name = `${digestOf(config).slice('sha256:'.length)}.json`
    made.set(name, config)
    images.push({ Config: name, RepoTags: names, Layers: chain.map((layer) => layerFile(layer.id)) })
  }
  made.set('manifest.json', canonicalBytes(images))
  return withMembers(members, made)
}

interface Layer {
  id: string
  parent?: string
  document: Record<string, unknown>
}

async function readLayer(members: Members, id: string): Promise<Layer> {
  const where = `${members.label}, ${show(`${id}/json`)}`
  const bytes = await collect(members.read(`${id}/json`), LIMITS.configBytes, members.label)
  const document = parsed(where, () => parseObject(bytes, 'config of a layer', LIMITS.configBytes))
  const { parent } = document
  return typeof parent === 'string' && parent !== '' ? { id, parent, document } : { id, document }
}

/** The ids of images with their names: those in `repositories`, and those that no other layer builds on. */
async function imagesOf(members: Members, layers: Map<string, Layer>): Promise<Map<string, string[]>> {
  const images = new Map<string, string[]>()
  if (await members.find('repositories')) {
    const bytes = await collect(members.read('repositories'), LIMITS.indexBytes, members.label)
    const document = parsed(members.label, () => parseObject(bytes, 'repositories', LIMITS.indexBytes))
    for (const [name, tags] of Object.entries(document))
      for (const [tag, id] of Object.entries(tags ?? {}))
        images.set(String(id), [...(images.get(String(id)) ?? []), `${name}:${tag}`])
  }
  const parents = new Set([...layers.values()].map(({ parent }) => parent))
  for (const id of layers.keys()) if (!parents.has(id) && !images.has(id)) images.set(id, [])
  return images
}

/** From the lowest layer to the one that is the image. */
function chainOf(members: Members, layers: Map<string, Layer>, id: string): Layer[] {
  const chain: Layer[] = []
  for (let at: string | undefined = id; at !== undefined; ) {
    const layer = layers.get(at)
    if (!layer)
      throw new ContainerImageError('BLOB_MISSING', `${members.label} has no layer ${show(at)}.`, {
        side: 'source',
        expected: `${at}/json`,
        found: 'nothing',
      })
    if (chain.includes(layer) || chain.length >= LIMITS.layers)
      throw new ContainerImageError(
        'INVALID_DOCUMENT',
        `${members.label}: the layers of an image have no end.`,
        {
          side: 'source',
          expected: `at most ${LIMITS.layers} layers, each above another`,
          found: show(at),
        },
      )
    chain.unshift(layer)
    at = layer.parent
  }
  return chain
}

function layerFile(id: string): string {
  return `${id}/layer.tar`
}

async function diffIdOf(members: Members, id: string, signal?: AbortSignal): Promise<Digest> {
  const { name } = await followLinks(members, layerFile(id))
  const hash = createHash('sha256')
  const options = { signal }
  const kind = compressionOf(await beginning(members.read(name, options)))
  const label = `${members.label}: ${name}`
  for await (const chunk of decompressed(members.read(name, options), kind, label)) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

async function beginning(bytes: Bytes): Promise<Uint8Array> {
  for await (const chunk of bytes) return chunk
  return new Uint8Array(0)
}

/**
 * Members that a config of today has no place for, as they were about one layer (docker's own migration,
 * image/v1).
 */
const OF_LAYERS = ['id', 'parent', 'parent_id', 'layer_id', 'throwaway', 'Size']

function configOf(chain: Layer[], diffIds: Map<string, Digest>): Record<string, unknown> {
  const { document = {} } = chain.at(-1) ?? {}
  const config = Object.fromEntries(Object.entries(document).filter(([key]) => !OF_LAYERS.includes(key)))
  return {
    architecture: 'amd64',
    os: 'linux',
    ...config,
    rootfs: { type: 'layers', diff_ids: chain.map(({ id }) => diffIds.get(id)) },
    history: chain.map(({ document: step }) => stepOf(step)),
  }
}

function stepOf({ created, author, comment, container_config: ran }: Record<string, unknown>): object {
  const words = (ran as { Cmd?: unknown } | undefined)?.Cmd
  const step = {
    created,
    author,
    comment,
    created_by: Array.isArray(words) ? words.map(String).join(' ') : undefined,
  }
  return Object.fromEntries(
    Object.entries(step).filter(([, value]) => typeof value === 'string' && value !== ''),
  )
}

/** The members of an archive, and others that are made in memory. */
function withMembers(members: Members, made: ReadonlyMap<string, Uint8Array>): Members {
  const memberOf = (name: string) => {
    const bytes = made.get(name)
    return bytes && { name, kind: 'file' as const, size: bytes.length }
  }
  return {
    label: members.label,
    forwardOnly: members.forwardOnly,
    find: async (name) => memberOf(name) ?? (await members.find(name)),
    list: async () => [
      ...(await members.list()),
      ...[...made.keys()].flatMap((name) => memberOf(name) ?? []),
    ],
    async *read(name, options = {}) {
      const bytes = made.get(name)
      if (bytes) yield bytes.subarray(options.from ?? 0)
      else yield* members.read(name, options)
    },
    locate: async (name) => (made.has(name) ? undefined : await members.locate(name)),
    position: (name) => (made.has(name) ? 0 : members.position(name)),
    close: () => members.close(),
  }
}
