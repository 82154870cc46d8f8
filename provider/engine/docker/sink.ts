import { ContainerImageError, type Descriptor, type Digest, hasCode } from '../../../manifests/index.js'
import type { Content, CopyPlan, PlannedImage } from '../../ports.js'
import { isBadInput } from '../../verified/bad-input.js'
import { chainIds } from '../chain-ids.js'
import type { Engine, EngineSink } from '../engine.js'
import { checkFits } from '../fits.js'
import { engineName } from '../names.js'
import { type EngineBound, engineBound } from '../planned.js'
import { reportOf } from './answers.js'
import type { DockerClient } from './client.js'
import { has } from './has.js'
import { removeParts } from './leftovers.js'
import { GuessedWrong, importedId, PartRequest } from './part-request.js'
import { type Part, partsOf, type Step } from './parts.js'

/**
 * Loads images into the stores of docker that know layers by their diff ids (overlay2, vfs, windowsfilter).
 * One layer is unpacked while the next one is sent; names are given at the end.
 */
export class LayerStoreSink implements EngineSink {
  readonly label: string
  readonly concurrency = 1
  sentBytes = 0
  private plan: CopyPlan | undefined
  private bounds: EngineBound[] = []
  private signal: AbortSignal | undefined
  /** What is still to be sent, the first first. */
  private parts: Part[] = []
  private readonly contents = new Map<Digest, Content>()
  private readonly asTheyAre = new Set<Digest>()
  /** Layers that later ones are put upon: they were there, or we brought them. */
  private readonly reliedUpon = new Set<Digest>()
  private current: PartRequest | undefined
  /** The part that the engine is unpacking. */
  private underWay: Promise<unknown> = Promise.resolve()
  private isStale = false

  constructor(
    private readonly engine: Pick<Engine, 'label' | 'platform'>,
    private readonly client: DockerClient,
  ) {
    this.label = engine.label
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    checkFits(this.engine, plan)
    this.plan = plan
    this.signal = signal
    this.bounds = engineBound(plan)
    await this.survey()
  }

  /** Layers as the engine unpacks them: each image from the bottom up. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const wanted = this.parts.flatMap((part) => part.steps.map((step) => step.layer.digest))
    const place = ({ digest }: Descriptor): number => {
      const at = wanted.indexOf(digest)
      return at < 0 ? wanted.length : at
    }
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    if (this.plan?.documents.has(digest)) return false
    return !this.parts.some((part) => part.steps.some((step) => step.layer.digest === digest))
  }

  async write(content: Content): Promise<void> {
    const { digest, size } = content.descriptor
    if (this.plan?.documents.has(digest)) {
      content.onBytes?.(size, 'copied')
      return
    }
    this.contents.set(digest, content)
    await this.recovering(() => this.advance())
  }

  async tag(image: PlannedImage): Promise<void> {
    const bound = this.bounds.find((one) => one.planned === image)
    if (!bound) return
    await this.recovering(async () => {
      await this.advance()
      await this.underWay
    })
    if (this.isStale) {
      await this.survey()
      throw changed(this.label)
    }
    for (const name of image.names) await this.giveName(bound, engineName(name))
  }

  async commit(): Promise<void> {
    await removeParts(this.client, this.bounds, 'beginnings', this.signal)
  }

  /** Parts that are whole stay for the next run, unless the input was bad. */
  async abort(error: unknown): Promise<void> {
    this.current?.cancel()
    await this.underWay.catch(() => {})
    // What stays is taken for what it is by the next run; telling why this one failed matters more.
    if (isBadInput(error)) await removeParts(this.client, this.bounds, 'all').catch(() => {})
  }

  private async survey(): Promise<void> {
    const there = await has(this.client, this.signal)
    this.parts = partsOf(this.bounds, there, this.engine.platform.os === 'linux')
    this.isStale = false
    this.reliedUpon.clear()
    for (const { diffIds } of this.bounds)
      for (const chain of chainIds(diffIds)) if (there.chains.has(chain)) this.reliedUpon.add(chain)
  }

  /** Sends all for which the bytes are known. */
  private async advance(): Promise<void> {
    for (let part = this.parts[0]; part && this.isReady(part); part = this.parts[0]) {
      await this.sendPart(part)
      this.parts.shift()
    }
  }

  private isReady({ steps }: Part): boolean {
    return steps.every((step) => this.contents.has(step.layer.digest))
  }

  private async sendPart(part: Part): Promise<void> {
    try {
      await this.tryPart(part, part.isImport ? undefined : this.asTheyAre)
    } catch (error) {
      if (!(error instanceof GuessedWrong)) throw error
      this.asTheyAre.add(error.digest)
      await this.sendPart(part)
    }
  }

  private async tryPart(part: Part, asTheyAre: ReadonlySet<Digest> = new Set()): Promise<void> {
    const config = this.plan?.documents.get(part.bound.manifest.config.digest) ?? new Uint8Array()
    const request = new PartRequest(this.client, part, { config, asTheyAre, signal: this.signal })
    this.current = request
    for (const step of part.steps) await this.sendStep(request, step)
    // The daemon looks for the layers below when it has all of a request: they must be there by then.
    await this.underWay
    this.underWay = request.finish().then((answer) => this.took(part, answer))
    this.underWay.catch(() => {})
  }

  private async sendStep(request: PartRequest, step: Step): Promise<void> {
    const content = this.contents.get(step.layer.digest)
    if (!content) throw new ContainerImageError('UNEXPECTED', `${step.layer.digest} was not given.`)
    let count = 0
    await request.send(step, content, (more) => {
      count += more
      content.onBytes?.(more, 'copied')
    })
    this.sentBytes += count
  }

  private took(part: Part, answer: { status: number; body: string }): void {
    const reports = reportOf(answer, this.label)
    if (part.isImport) importedId(reports, this.label)
    for (const { chainId } of part.steps) this.reliedUpon.add(chainId)
  }

  /** A layer that was there, and is gone when another shall be put upon it, is sent in a second attempt. */
  private async recovering(work: () => Promise<void>): Promise<void> {
    if (this.isStale) return
    try {
      await work()
    } catch (error) {
      this.current?.cancel()
      if (!hasCode(error, 'ENGINE_REFUSED')) throw error
      const { chains } = await has(this.client, this.signal)
      if ([...this.reliedUpon].every((chain) => chains.has(chain))) throw error
      this.isStale = true
      this.underWay = Promise.resolve()
    }
  }

  private async giveName({ manifest }: EngineBound, full: string): Promise<void> {
    const at = full.lastIndexOf(':')
    const answer = await this.client.ask('POST', `/images/${manifest.config.digest}/tag`, {
      query: { repo: full.slice(0, at), tag: full.slice(at + 1) },
      signal: this.signal,
      accept: [404],
    })
    if (answer.status !== 404) return
    await this.survey()
    throw changed(this.label)
  }
}

function changed(label: string): ContainerImageError {
  return new ContainerImageError('CHANGED_MEANWHILE', `${label}: an image was removed while it was used.`, {
    side: 'destination',
  })
}
