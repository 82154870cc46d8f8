import { addTo } from '../../manifests/groups.js'
import { type Descriptor, engineRepository, familiarRepository } from '../../manifests/index.js'
import { isUnnamed } from '../choice/archive-identity.js'
import type { ToldApart } from '../choice/told-apart.js'
import type { NamedImage } from '../copy/ports.js'
import { Refusal } from './refusal.js'
import { registryName, type ServedName, servedName } from './served-name.js'

/** The images that have one whole name. */
export interface Repository {
  /**
   * The name under which clients ask for it here: `debian`, `quay.io/opstree/redis`; without a host that has
   * a port.
   */
  name: string
  /** Where its images came from, as far as that is recorded: `docker.io/library/debian`. */
  origins: Set<string>
  tags: Map<string, Descriptor>
  /** Its images by tag and without one, with their annotations. */
  images: NamedImage[]
}

/** Everything that a collection serves, by name. */
export class Repositories {
  private readonly byWholeName = new Map<string, Repository>()
  private readonly byName = new Map<string, Repository[]>()
  /** With docker's registry, where that is left out of the name. */
  private readonly byFullName = new Map<string, Repository[]>()
  private readonly byOrigin = new Map<string, Repository[]>()
  private readonly byOriginPath = new Map<string, Repository[]>()
  private readonly byLastPart = new Map<string, Repository[]>()
  /** Signatures and the like, and images, that have no name; they are found by their digest. */
  readonly unnamed: NamedImage[] = []

  /** @param label of the collection, whose file's name is the name of an image that has none and is alone */
  constructor({ images, artifacts, travelling }: ToldApart, label: string) {
    const isAlone = images.filter(isUnnamed).length === 1
    for (const image of images) this.add(image, servedName(image, label, isAlone))
    // The file's name is an image's.
    for (const other of [...artifacts, ...travelling])
      this.add(other, other.refName === undefined ? undefined : servedName(other, label, false))
    for (const [wholeName, repository] of this.byWholeName) {
      addTo(this.byName, repository.name, repository)
      addTo(this.byFullName, engineRepository(wholeName), repository)
      addTo(this.byLastPart, lastPart(repository.name), repository)
    }
    for (const [wholeName, repository] of this.byWholeName)
      for (const origin of repository.origins) {
        // An image whose name is the reference itself comes before one that was once taken from there under
        // another name.
        if (origin !== engineRepository(wholeName) && this.byWholeName.has(familiarRepository(origin)))
          continue
        addTo(this.byOrigin, origin, repository)
        addTo(this.byOriginPath, origin.slice(origin.indexOf('/') + 1), repository)
      }
  }

  /** Those that a client can ask for, in the order of Go's sort.Strings. */
  names(): string[] {
    const isClear = (name: string, those: Repository[]): boolean =>
      those.length === 1 || this.byWholeName.has(name)
    return [...this.byName].flatMap(([name, those]) => (isClear(name, those) ? [name] : [])).sort(byCodeUnits)
  }

  all(): Iterable<Repository> {
    return this.byWholeName.values()
  }

  /**
   * The repository that a client means: the one of exactly this name, or what came from exactly there, as mirrors are
   * asked for the path that an image has elsewhere. A shorter name means an image only if no other name ends
   * in it. No other image is ever an answer: a client that asks for `bitnami/redis` must not get somebody
   * else's `redis`.
   * @param namespace the registry that the client took the name from (distribution-spec, "Registry Proxying")
   * @throws Refusal
   */
  resolve(name: string, namespace?: string): Repository {
    const host = namespace === undefined ? undefined : registryName(namespace)
    const steps =
      host === undefined
        ? [
            this.calledSo(name),
            this.byName.get(name),
            this.byFullName.get(name),
            this.byOriginPath.get(name),
            this.endingIn(name),
          ]
        : [
            this.byOrigin.get(`${host}/${name}`),
            ofNoOrigin(this.byName.get(name)),
            ofNoOrigin(this.endingIn(name)),
          ]
    const [candidates = []] = steps.filter((some) => some !== undefined && some.length > 0)
    const [found, ...others] = candidates
    if (!found) throw new Refusal(404, 'NAME_UNKNOWN', `There is no repository ${name} here.`)
    if (others.length === 0) return found
    const names = candidates.map((one) => [...one.origins][0] ?? one.name)
    throw new Refusal(404, 'NAME_UNKNOWN', `${name} could be ${names.join(' or ')}.`)
  }

  /**
   * A repository with exactly this name comes before one that also has a registry with a port in front of it.
   */
  private calledSo(name: string): Repository[] {
    const repository = this.byWholeName.get(name)
    return repository ? [repository] : []
  }

  private endingIn(name: string): Repository[] {
    const candidates = this.byLastPart.get(lastPart(name)) ?? []
    return candidates.filter((one) => one.name.endsWith(`/${name}`))
  }

  private add(image: NamedImage, named: ServedName | undefined): void {
    if (!named) this.unnamed.push(image)
    else this.addNamed(image, named)
  }

  private addNamed(image: NamedImage, { wholeName, repository: name, tag, origin }: ServedName): void {
    const repository: Repository = this.byWholeName.get(wholeName) ?? {
      name,
      origins: new Set(),
      tags: new Map(),
      images: [],
    }
    this.byWholeName.set(wholeName, repository)
    repository.images.push(image)
    if (origin !== undefined) repository.origins.add(origin)
    // The first entry of a name counts, as for other readers of a layout.
    if (tag !== undefined && !repository.tags.has(tag)) repository.tags.set(tag, image.root)
  }
}

/** An image known to come from one registry is not offered as another registry's. */
function ofNoOrigin(repositories: Repository[] | undefined): Repository[] | undefined {
  return repositories?.filter(({ origins }) => origins.size === 0)
}

/** As Go's sort.Strings orders, and not by the rules of a language. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}
