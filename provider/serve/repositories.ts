import { type Descriptor, isArtifactEntry } from '../../manifests/index.js'
import type { NamedImage } from '../ports.js'
import { Refusal } from './refusal.js'
import { registryName, type ServedName, servedName } from './served-name.js'

/** The images that are served under one name. */
export interface Repository {
  name: string
  /** Where its images came from, as far as that is recorded: `docker.io/library/debian`. */
  origins: Set<string>
  tags: Map<string, Descriptor>
  /** Its images by tag and without one, with their annotations. */
  images: NamedImage[]
}

/** All that a collection serves, by name. */
export class Repositories {
  private readonly byName = new Map<string, Repository>()
  private readonly byOrigin = new Map<string, Repository[]>()
  private readonly byLastPart = new Map<string, Repository[]>()
  /** Signatures and the like that have no name; they are found by their digest. */
  readonly unnamed: NamedImage[] = []

  /** @param label of the collection, whose file's name is the name of an image that has none */
  constructor(images: NamedImage[], label: string) {
    for (const image of images) this.add(image, label)
    for (const repository of this.byName.values()) {
      for (const origin of repository.origins) addTo(this.byOrigin, origin, repository)
      addTo(this.byLastPart, lastPart(repository.name), repository)
    }
  }

  /** In the order of Go's sort.Strings. */
  names(): string[] {
    return [...this.byName.keys()].sort(byCodeUnits)
  }

  all(): Iterable<Repository> {
    return this.byName.values()
  }

  /**
   * The repository that a client means. Mirrors are asked for the path that an image has elsewhere: after the exact
   * name comes the recorded origin, and then the last part of the path, where it is the only one of its kind.
   * @param namespace the registry that the client took the name from (distribution-spec, "Registry Proxying")
   * @throws Refusal
   */
  resolve(name: string, namespace?: string): Repository {
    const host = namespace === undefined ? undefined : registryName(namespace)
    const found =
      (host === undefined ? undefined : only(this.byOrigin.get(`${host}/${name}`))) ??
      this.fitting(this.byName.get(name), host) ??
      (host === undefined ? only(this.ofOriginPath(name)) : undefined) ??
      this.ofLastPart(name, host)
    if (found) return found
    throw new Refusal(404, 'NAME_UNKNOWN', `There is no repository ${name} here.`)
  }

  private ofLastPart(name: string, host: string | undefined): Repository | undefined {
    const candidates = this.byLastPart.get(lastPart(name)) ?? []
    const fitting = candidates.filter((one) => this.fitting(one, host))
    if (fitting.length > 1)
      throw new Refusal(
        404,
        'NAME_UNKNOWN',
        `${name} could be ${fitting.map((one) => one.name).join(' or ')}.`,
      )
    return fitting[0]
  }

  /** What is known to come from one registry is not offered as another one's. */
  private fitting(repository: Repository | undefined, host: string | undefined): Repository | undefined {
    if (!repository || host === undefined || repository.origins.size === 0) return repository
    return [...repository.origins].some((origin) => origin.startsWith(`${host}/`)) ? repository : undefined
  }

  private ofOriginPath(path: string): Repository[] {
    const found = new Set<Repository>()
    for (const [origin, repositories] of this.byOrigin)
      if (origin.endsWith(`/${path}`) && origin.indexOf('/') === origin.length - path.length - 1)
        for (const one of repositories) found.add(one)
    return [...found]
  }

  private add(image: NamedImage, label: string): void {
    const isArtifact = isArtifactEntry({ ...image.root, annotations: image.annotations })
    const named = image.refName === undefined && isArtifact ? undefined : servedName(image, label)
    if (!named) this.unnamed.push(image)
    else this.addNamed(image, named)
  }

  private addNamed(image: NamedImage, { repository: name, tag, origin }: ServedName): void {
    const repository: Repository = this.byName.get(name) ?? {
      name,
      origins: new Set(),
      tags: new Map(),
      images: [],
    }
    this.byName.set(name, repository)
    repository.images.push(image)
    if (origin !== undefined) repository.origins.add(origin)
    // The first entry of a name counts, as for other readers of a layout.
    if (tag !== undefined && !repository.tags.has(tag)) repository.tags.set(tag, image.root)
  }
}

/** As Go's sort.Strings orders, and not by the rules of a language. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

function addTo(map: Map<string, Repository[]>, key: string, repository: Repository): void {
  map.set(key, [...(map.get(key) ?? []), repository])
}

function only(repositories: Repository[] | undefined): Repository | undefined {
  return repositories?.length === 1 ? repositories[0] : undefined
}
