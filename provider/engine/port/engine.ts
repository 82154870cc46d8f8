import type { Descriptor, Digest, Platform } from '../../../manifests/index.js'
import type { CopyPlan, ImageCollection, ImageSink } from '../../copy/ports.js'
import type { ScratchPlace } from '../../io/files/scratch.js'

/** What runs containers, in the order in which `auto` looks for them. */
export const ENGINE_KINDS = ['docker', 'podman', 'containerd'] as const

/** What runs containers. */
export type EngineKind = (typeof ENGINE_KINDS)[number]

/** How an engine is reached. */
export interface EngineOptions {
  /**
   * A socket's path, `unix://`, `npipe://`, `tcp://` or `ssh://` address; where it is left out, the one that
   * the engine's own client would take: DOCKER_HOST, CONTAINER_HOST, CONTAINERD_ADDRESS, then its default.
   */
  address?: string
  /** Of containerd: `default`, or `k8s.io` for the nodes of Kubernetes. */
  namespace?: string
  /** Where the addresses above are read from; default: the process's own. */
  environment?: NodeJS.ProcessEnv
  /** Where images that are copied out of it are kept while they are read; default: a temporary folder. */
  scratch?: ScratchPlace
  signal?: AbortSignal
}

/** An image as an engine lists it. */
export interface EngineImage {
  /** The config's digest, which docker and podman show as the image's id. */
  id: Digest
  /** Of the manifest or index, where the engine keeps it. */
  digest?: Digest
  /** In full, with registry and tag: `docker.io/library/debian:12.5`; none for an image without a tag. */
  names: string[]
  /** Of its layers, uncompressed, the lowest first. */
  diffIds: Digest[]
  platform: Platform
  /** ISO 8601; empty where the image does not say. */
  created: string
  /** In bytes, as the engine counts them. */
  size: number
}

/** An engine as the destination of a copy: has, write, and names given by `tag`. */
export interface EngineSink extends ImageSink {
  /** Bytes of layers that went to the engine; what it had was not sent. */
  readonly sentBytes: number
}

export interface EngineSinkOptions {
  /** Of containerd: keep the images from garbage collection by label. */
  pin?: boolean
}

/** What one removal did. */
export interface EngineRemoval {
  /** In full, with registry and tag. */
  untagged: string[]
  /** Ids of images that are gone completely; for docker also of their layers. */
  removed: Digest[]
}

/** An engine that answers. All of its errors say which engine, and where it was reached. */
export interface Engine {
  readonly kind: EngineKind
  /** For messages: `docker 20.10.24 at /run/docker.sock`. */
  readonly label: string
  readonly version: string
  /** Of the containers that it runs; with `os.version` on Windows. */
  readonly platform: Platform
  /** @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
  images(options?: { signal?: AbortSignal }): Promise<EngineImage[]>
  /**
   * How many containers use each image, running or not, by its id or its full name; undefined if the engine
   * does not say.
   * @throws ENGINE_UNREACHABLE
   */
  containers(options?: { signal?: AbortSignal }): Promise<ReadonlyMap<string, number> | undefined>
  /**
   * Bytes of an image's lowest layers, counted as `size` is; undefined where the engine does not tell.
   * @throws ENGINE_UNREACHABLE, ENGINE_REFUSED
   */
  sizeBelow(
    image: EngineImage,
    layers: number,
    options?: { signal?: AbortSignal },
  ): Promise<number | undefined>
  /** The blobs of a plan that would be sent, as of now. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
  lacks(plan: CopyPlan, options?: { signal?: AbortSignal }): Promise<Descriptor[]>
  /** @throws while it is used: ENGINE_UNREACHABLE where it ends in the middle, ENGINE_REFUSED, NO_SPACE */
  sink(options?: EngineSinkOptions): EngineSink
  /**
   * Images of the engine, to be copied out of it.
   * @param names as the engine knows them, short or full, or ids
   * @throws NOT_FOUND where it has none of a name, ENGINE_UNREACHABLE, ENGINE_REFUSED
   */
  open(names: string[], options?: { signal?: AbortSignal }): Promise<ImageCollection>
  /**
   * Removes names, and the image with its last name.
   * @param name with its tag, in full, or an id
   * @throws NOT_FOUND, IN_USE if containers need it and it is not forced, ENGINE_UNREACHABLE
   */
  remove(name: string, options?: { force?: boolean; signal?: AbortSignal }): Promise<EngineRemoval>
  close(): Promise<void>
}
