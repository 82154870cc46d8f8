import { ContainerImageError, hasCode } from '../../manifests/index.js'
import type { HttpAnswer } from './http.js'
import { type Attempt, everyEndpointFailed, upstreamBarred } from './mirror-error.js'
import { asksForTag, type Mirror, type Places } from './mirrors.js'
import type { RegistryRequest } from './request.js'
import { isPassing, isPassingError } from './retry.js'

/** What asking one endpoint after the other needs of the client. */
export interface MirroredOptions {
  /**
   * Asks one endpoint; the registry itself if no mirror is given.
   * @param patient as long as it takes
   */
  ask(request: RegistryRequest, mirror: Mirror | undefined, patient: boolean): Promise<HttpAnswer>
  hasAnswered(origin: URL): boolean
  note(message: string): void
}

/** Asks the mirrors of a registry and the registry itself, one after the other, until one of them answers. */
export class Mirrored {
  /** Mirrors that could not be connected to: nobody wants to wait for them again and again. */
  private readonly dead = new Map<Mirror, ContainerImageError>()
  /** Repositories by the mirror that something came from. */
  private readonly served = new Map<Mirror, Set<string>>()
  private readonly told = new Set<string>()

  constructor(readonly options: MirroredOptions) {}

  /** @throws MIRROR_ONLY, INTERRUPTED, REDIRECT_REFUSED, and what the endpoints gave, as one error */
  async request(request: RegistryRequest, places: Places): Promise<HttpAnswer> {
    if (request.url) return this.goOn(request, request.url, places)
    if (places.mirrors.length === 0) {
      if (!places.upstream) throw upstreamBarred(request)
      return this.options.ask(request, undefined, true)
    }
    const attempts: Attempt[] = []
    for (const [at, mirror] of places.mirrors.entries()) {
      const isLast = !places.upstream && at === places.mirrors.length - 1
      const answer = await this.try(request, mirror, isLast, attempts)
      if (answer) return answer
    }
    if (places.upstream) {
      const answer = await this.try(request, undefined, true, attempts)
      if (answer) return answer
    }
    return this.secondTime(request, attempts)
  }

  /** A further page is where the first came from. */
  private goOn(request: RegistryRequest, url: URL, { mirrors, upstream }: Places): Promise<HttpAnswer> {
    const mirror = mirrors.find(({ origin }) => origin.origin === url.origin)
    if (!mirror && !upstream) throw upstreamBarred(request)
    return this.options.ask(request, mirror, true)
  }

  private async try(
    request: RegistryRequest,
    mirror: Mirror | undefined,
    isLast: boolean,
    attempts: Attempt[],
  ): Promise<HttpAnswer | undefined> {
    const dead = mirror && !isLast ? this.dead.get(mirror) : undefined
    if (dead) {
      attempts.push({ mirror, error: dead })
      return undefined
    }
    if (mirror?.setting.skipVerify)
      this.once(`The certificate of the mirror ${mirror.url} is not checked, as the settings have it.`)
    try {
      const answer = await this.options.ask(request, mirror, isLast)
      if (isGood(answer)) return this.taken(request, mirror, answer)
      // An answer to fall back on if no endpoint has a better one.
      attempts.push({ mirror, answer })
      await answer.body.discard()
    } catch (error) {
      if (!(error instanceof ContainerImageError) || hasCode(error, 'INTERRUPTED')) throw error
      if (request.signal?.aborted) throw error
      attempts.push({ mirror, error })
      if (mirror && this.isDead(mirror, error)) this.dead.set(mirror, error)
    }
    return undefined
  }

  /**
   * Mirrors were given up quickly, as there were others; if those had nothing, they are worth more patience.
   */
  private async secondTime(request: RegistryRequest, attempts: Attempt[]): Promise<HttpAnswer> {
    for (const [at, { mirror, error }] of attempts.slice(0, -1).entries()) {
      if (!mirror || !error || !this.mayPass(mirror, error)) continue
      const again: Attempt[] = []
      const answer = await this.try(request, mirror, true, again)
      if (answer) return answer
      attempts.splice(at, 1, ...again)
    }
    // The registry has the last word if it answered; otherwise the mirrors do.
    const last = attempts.at(-1)
    const held = last?.answer ?? attempts.find(({ answer }) => answer)?.answer
    if (held) return held
    throw everyEndpointFailed(request, attempts, (mirror) => this.hasServed(request, mirror))
  }

  private taken(request: RegistryRequest, mirror: Mirror | undefined, answer: HttpAnswer): HttpAnswer {
    if (!mirror) return answer
    const served = this.served.get(mirror) ?? new Set()
    this.served.set(mirror, served.add(repositoryKey(request)))
    this.tell(request, mirror)
    return answer
  }

  /** What a tag means is the mirror's word; a digest is as good from anybody. */
  private tell(request: RegistryRequest, mirror: Mirror): void {
    if (asksForTag(request) && !isArtifactTag(request))
      this.once(`${request.subject}: from mirror ${mirror.url}.`)
  }

  private once(line: string): void {
    if (this.told.has(line)) return
    this.told.add(line)
    this.options.note(line)
  }

  private hasServed(request: RegistryRequest, mirror: Mirror): boolean {
    return this.served.get(mirror)?.has(repositoryKey(request)) === true
  }

  private isDead(mirror: Mirror, error: ContainerImageError): boolean {
    if (hasCode(error, 'CERTIFICATE_UNTRUSTED')) return true
    return isPassingError(error) && !this.options.hasAnswered(mirror.origin)
  }

  private mayPass(mirror: Mirror, error: ContainerImageError): boolean {
    if (isPassing(Number(error.details?.status))) return true
    return isPassingError(error) && this.options.hasAnswered(mirror.origin)
  }
}

/** A range that begins after the end is an answer too, which the reader compares with the size. */
function isGood({ status }: HttpAnswer): boolean {
  return (status >= 200 && status < 300) || status === 416
}

function repositoryKey({ registry, repository }: RegistryRequest): string {
  return `${registry}/${repository}`
}

/** Tags that stand for what refers to a digest (distribution-spec, "Referrers Tag Schema"; cosign). */
function isArtifactTag({ path }: RegistryRequest): boolean {
  return /^manifests\/sha(256|512)-/.test(path)
}
