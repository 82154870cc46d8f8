import { setMaxListeners } from 'node:events'
import { ContainerImageError } from '../../manifests/index.js'

/** What is asked for. */
export type AllowanceKind = 'document' | 'list' | 'token'

/** What may come, in bytes, and how long it may take, in milliseconds. */
export interface Bounds {
  bytes: number
  time: number
}

/** Bounds of one run of requests, with its redirects, repetitions and pages, and of all runs at one host together. */
export interface KindBounds {
  each: Bounds
  together: Bounds
}

const MIB = 1024 * 1024
const MINUTE = 60_000

/**
 * Generous: the largest lists of tags have some megabytes and come in seconds. Otherwise a malicious server
 * could fill the memory, or hold up the client for ever, without any single answer breaking a rule.
 */
const BOUNDS: Record<AllowanceKind, KindBounds> = {
  document: {
    each: { bytes: 64 * MIB, time: 5 * MINUTE },
    together: { bytes: 1024 * MIB, time: 240 * MINUTE },
  },
  list: {
    each: { bytes: 64 * MIB, time: 10 * MINUTE },
    together: { bytes: 256 * MIB, time: 30 * MINUTE },
  },
  token: {
    each: { bytes: 4 * MIB, time: 2 * MINUTE },
    together: { bytes: 1024 * MIB, time: 240 * MINUTE },
  },
}

/** Hands out what one run may take. There is one per client. */
export class Allowances {
  private readonly together = new Map<string, Together>()

  constructor(readonly bounds: Partial<Record<AllowanceKind, KindBounds>> = {}) {}

  /**
   * Runs requests with an allowance of their own, or within that of the run that they belong to.
   * @param host whose answers are counted together
   */
  async within<R extends BoundedRequest, T>(
    kind: AllowanceKind,
    host: string,
    request: R,
    work: (bounded: R & { allowance: Allowance; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const allowance = request.allowance ?? this.open(kind, host, request.subject, request.signal)
    try {
      return await work({ ...request, allowance, signal: allowance.signal })
    } finally {
      if (!request.allowance) allowance.close()
    }
  }

  /** An allowance whose time begins now; to be closed. */
  open(kind: AllowanceKind, host: string, subject: string, signal?: AbortSignal): Allowance {
    const { each, together } = this.bounds[kind] ?? BOUNDS[kind]
    const key = `${kind} ${host}`
    const all = this.together.get(key) ?? new Together(together)
    this.together.set(key, all)
    return new Allowance(subject, each, all, signal)
  }
}

interface BoundedRequest {
  subject: string
  allowance?: Allowance
  signal?: AbortSignal
}

/** What one run may still take. Every byte of an answer is taken from it, whatever the answer is for. */
export class Allowance {
  /** Aborted when the time is over, and when the caller's own signal is. */
  readonly signal: AbortSignal
  private readonly controller = new AbortController()
  private readonly until: number
  private readonly timer: NodeJS.Timeout
  private readonly onOuter: () => void
  private remaining: number

  constructor(
    readonly subject: string,
    readonly bounds: Bounds,
    readonly together: Together,
    readonly outer?: AbortSignal,
  ) {
    this.signal = this.controller.signal
    // Every request in progress listens to it; Node takes more than ten listeners for a leak and warns on
    // stderr.
    setMaxListeners(0, this.signal)
    this.remaining = bounds.bytes
    this.until = performance.now() + bounds.time
    this.timer = setTimeout(() => this.stop(bounds.time), bounds.time)
    this.onOuter = () => this.controller.abort(outer?.reason)
    if (outer?.aborted) this.onOuter()
    outer?.addEventListener('abort', this.onOuter, { once: true })
    together.enter(this)
  }

  /** How much of the time is left, in milliseconds. */
  get left(): number {
    return this.until - performance.now()
  }

  /** @throws DOCUMENT_TOO_LARGE */
  take(bytes: number): void {
    this.remaining -= bytes
    this.together.take(bytes)
    if (this.remaining < 0) throw tooMuch(this.subject, `${this.bounds.bytes} bytes`)
    if (this.together.left < 0)
      throw tooMuch(this.subject, `${this.together.bounds.bytes} bytes with all that its host sent before`)
  }

  /** @param milliseconds the bound that was reached */
  stop(milliseconds: number): void {
    this.controller.abort(tooLong(this.subject, milliseconds))
  }

  close(): void {
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.onOuter)
    this.together.leave(this)
  }
}

/** What all runs at one host take together. Its clock stands still while there is none. */
class Together {
  left: number
  private readonly running = new Set<Allowance>()
  private time: number
  private since = 0
  private timer: NodeJS.Timeout | undefined

  constructor(readonly bounds: Bounds) {
    this.left = bounds.bytes
    this.time = bounds.time
  }

  take(bytes: number): void {
    this.left -= bytes
  }

  enter(run: Allowance): void {
    this.running.add(run)
    if (this.running.size > 1) return
    this.since = performance.now()
    this.timer = setTimeout(() => this.stop(), Math.max(0, this.time))
  }

  leave(run: Allowance): void {
    if (!this.running.delete(run) || this.running.size > 0) return
    clearTimeout(this.timer)
    this.time -= performance.now() - this.since
  }

  private stop(): void {
    for (const run of this.running) run.stop(this.bounds.time)
  }
}

function tooMuch(subject: string, most: string): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `Too much is sent for ${subject}.`, {
    side: 'source',
    expected: `at most ${most}`,
    found: 'more',
    remedy: 'Ask the people who run the server; no list and no document of images needs so much.',
  })
}

function tooLong(subject: string, milliseconds: number): ContainerImageError {
  return new ContainerImageError('NETWORK_TIMEOUT', `The answer for ${subject} takes too long.`, {
    side: 'source',
    expected: `the whole of it within ${milliseconds / 1000} seconds`,
    found: 'more',
  })
}
