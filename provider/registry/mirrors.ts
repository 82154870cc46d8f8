import { isTag } from '../../manifests/index.js'
import { bareHost, isLoopbackHost } from './addresses.js'
import { isDockerHub } from './endpoints.js'
import type { MirrorSetting, RegistryMirrors } from './mirror-setting.js'
import { parseMirrorUrl } from './mirror-url.js'
import type { RegistryRequest } from './request.js'

/** One mirror of a registry: where it is, and which path its repositories lie below. */
export interface Mirror {
  /** As the settings have it: `https://site.example:5000/mirror`. */
  url: string
  /** host[:port]; its credentials are kept under this name. */
  registry: string
  origin: URL
  /** Put before each repository; empty if it has none. */
  prefix: string
  setting: MirrorSetting
}

/** The endpoints that are asked, in this order, for what a registry has. */
export interface Places {
  mirrors: Mirror[]
  /** Whether the registry itself is asked last. */
  upstream: boolean
}

/** The settings' key for all registries that have no entry of their own. */
export const EVERY_REGISTRY = '*'

/** Finds the mirrors of a registry by its name. */
export class Mirrors {
  private readonly places = new Map<string, Places>()

  /** @throws SOURCE_INVALID, SOURCE_INSECURE for a mirror that cannot be one */
  constructor(settings: Record<string, RegistryMirrors>) {
    for (const [registry, { endpoints, upstream }] of Object.entries(settings))
      this.places.set(nameOf(registry), { mirrors: endpoints.map(mirrorOf), upstream: upstream !== false })
  }

  /** Every mirror that there is. */
  get all(): Mirror[] {
    return [...this.places.values()].flatMap((places) => places.mirrors)
  }

  /**
   * Whether a host must not be asked for files either. A file that users name themselves, such as an index,
   * is their own choice, unless that very host was forbidden.
   * @param foreign the URL comes from an image, not from the user
   */
  bars(host: string, foreign: boolean): boolean {
    return (foreign ? this.of(host) : this.places.get(nameOf(host)))?.upstream === false
  }

  /** Undefined if a registry has no mirrors. */
  of(registry: string): Places | undefined {
    const own = this.places.get(nameOf(registry))
    if (own) return own
    const every = this.places.get(EVERY_REGISTRY)
    // This machine's registries, and the mirrors themselves, are meant when they are named.
    if (!every || isLoopbackHost(hostOf(registry)) || every.mirrors.some((m) => m.registry === registry))
      return undefined
    return every
  }

  /**
   * The endpoints for a request; undefined if a registry has no mirrors. Writes go to the registry itself,
   * and so do requests for its catalog: a mirror's own also lists what other registries have.
   */
  placesFor(request: RegistryRequest): Places | undefined {
    const places = this.of(request.registry)
    if (!places) return undefined
    const mirrors = isRead(request) ? places.mirrors.filter((mirror) => can(mirror, request)) : []
    return { mirrors, upstream: places.upstream }
  }
}

function mirrorOf(setting: MirrorSetting): Mirror {
  const { origin, prefix } = parseMirrorUrl(setting.url, setting.insecure === true)
  return { url: setting.url, registry: origin.host, origin, prefix, setting }
}

function nameOf(registry: string): string {
  if (registry === '_default') return EVERY_REGISTRY
  return isDockerHub(registry.toLowerCase()) ? 'docker.io' : registry.toLowerCase()
}

function hostOf(registry: string): string {
  const text = `https://${registry}/`
  return URL.canParse(text) ? new URL(text).hostname : bareHost(registry)
}

function isRead({ method = 'GET', actions = 'pull', repository }: RegistryRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && actions === 'pull' && repository !== undefined
}

/** The capabilities of containerd's hosts.toml: `resolve` is to say what a tag means, `pull` is all else. */
function can({ setting }: Mirror, request: RegistryRequest): boolean {
  return setting.capabilities?.includes(asksForTag(request) ? 'resolve' : 'pull') ?? true
}

/** Whether a request asks what a tag means, or which tags there are. */
export function asksForTag({ path, url }: RegistryRequest): boolean {
  if (url) return url.pathname.endsWith('/tags/list')
  const name = /^manifests\/(.+)$/.exec(path)?.[1]
  return name === undefined ? path.startsWith('tags/list') : isTag(name)
}
