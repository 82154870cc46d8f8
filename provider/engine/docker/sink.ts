import {
  ContainerImageError,
  chainIds,
  type Descriptor,
  type Digest,
  engineName,
  hasCode,
  impossible,
} from '../../../manifests/index.js'
import { isBadInput } from '../../copy/bad-input.js'
import type { Content, CopyPlan, PlannedImage } from '../../copy/ports.js'
import type { Engine, EngineSink } from '../port/engine.js'
import { checkFits } from '../port/fits.js'
import { type EngineBound, engineBound } from '../port/planned.js'
import { type Answer, reportOf } from './answers.js'
import type { DockerClient } from './client.js'
import { has } from './has.js'
import { removeParts } from './leftovers.js'
import type { LoadForm } from './load-form.js'
import { GuessedWrong, PartRequest } from './part-request.js'
import { type Part, partsOf, type Step } from './parts.js'
import { isWhole } from './whole.js'

/**
 * Loads images into docker: one layer is unpacked while the next one is sent, and names are given at the end.
 */
export class DockerSink implements EngineSink {
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
  /** Layers that later ones build on: they were there, or we sent them. */
  private readonly reliedUpon = new Set<Digest>()
  private current: PartRequest | undefined
  /** The part that the engine is unpacking. */
  private underWay: Promise<unknown> = Promise.resolve()
  private isStale = false
  /** What the engine says it has turned out not to be enough, so everything is sent. */
  private isDistrusted = false

  constructor(
    private readonly engine: Pick<Engine, 'label' | 'platform'>,
    private readonly client: DockerClient,
    private readonly form: LoadForm,
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
    await this.checkBlobs(bound)
    for (const name of image.names) await this.giveName(bound, engineName(name))
  }

  async commit(): Promise<void> {
    await removeParts(this.client, this.bounds, 'beginnings', this.signal)
  }

  /** Complete parts stay for the next run, unless the input was bad. */
  async abort(error: unknown): Promise<void> {
    this.current?.cancel()
    await this.underWay.catch(() => {})
    // The next run recognises what is left; reporting why this one failed matters more.
    if (isBadInput(error)) await removeParts(this.client, this.bounds, 'all').catch(() => {})
  }

  /** What is there now, and with it what has to be sent. */
  private async survey(): Promise<void> {
    const there = this.isDistrusted
      ? { images: new Set<Digest>(), chains: new Set<Digest>() }
      : await has(this.client, this.signal)
    const canCut = this.engine.platform.os === 'linux'
    const { idOf, keepsBlobs } = this.form
    this.parts = partsOf(this.bounds, there, { idOf, canCut, canImport: canCut && !keepsBlobs })
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
      await this.tryPart(part)
    } catch (error) {
      if (!(error instanceof GuessedWrong)) throw error
      this.asTheyAre.add(error.digest)
      await this.tryPart(part)
    }
  }

  private async tryPart(part: Part): Promise<void> {
    const { plan, form, asTheyAre, signal } = this
    if (!plan) return
    const request = new PartRequest(this.client, part, { plan, form, asTheyAre, signal })
    this.current = request
    for (const step of part.steps) await this.sendStep(request, step)
    // The daemon looks for the layers below when it has all of a request: they must be there by then.
    await this.underWay
    this.underWay = request.finish().then((answer) => this.took(part, answer))
    // It is waited for before the next part ends; until then a failure must not count as unhandled.
    this.underWay.catch(() => {})
  }

  private async sendStep(request: PartRequest, step: Step): Promise<void> {
    const content = this.contents.get(step.layer.digest)
    if (!content) impossible(`${step.layer.digest} was not given.`)
    let count = 0
    await request.send(step, content, (more) => {
      count += more
      content.onBytes?.(more, 'copied')
    })
    this.sentBytes += count
  }

  private async took(part: Part, answer: Answer): Promise<void> {
    reportOf(answer, this.label)
    for (const { chainId } of part.steps) this.reliedUpon.add(chainId)
  }

  /**
   * If a layer that was there is gone when another is to build on it, it is sent in a second attempt; where
   * blobs are kept, the engine may have the layer from a blob with another digest.
   */
  private async recovering(work: () => Promise<void>): Promise<void> {
    if (this.isStale) return
    try {
      await work()
    } catch (error) {
      this.current?.cancel()
      if (!hasCode(error, 'ENGINE_REFUSED') || this.isDistrusted) throw error
      const { chains } = await has(this.client, this.signal)
      const isAllThere = [...this.reliedUpon].every((chain) => chains.has(chain))
      if (isAllThere && !this.form.keepsBlobs) throw error
      this.isDistrusted = this.form.keepsBlobs
      this.isStale = true
      this.underWay = Promise.resolve()
    }
  }

  /**
   * Blobs that were left out are found by their digest; if one is missing, the load itself does not report
   * it.
   */
  private async checkBlobs(bound: EngineBound): Promise<void> {
    if (!this.form.keepsBlobs || this.isDistrusted) return
    if (await isWhole(this.client, bound, this.signal)) return
    this.isDistrusted = true
    await this.survey()
    throw changed(this.label)
  }

  private async giveName(bound: EngineBound, full: string): Promise<void> {
    const at = full.lastIndexOf(':')
    const answer = await this.client.ask('POST', `/images/${this.form.idOf(bound)}/tag`, {
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
