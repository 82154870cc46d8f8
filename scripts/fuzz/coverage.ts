import { type Profiler, Session } from 'node:inspector'

const OURS = /\/dist\/(manifests|catalog|provider|cli)\//

/** Which blocks of our code have run, as counted by V8; what runs in other threads is not seen. */
export class Coverage {
  private readonly session = new Session()
  private readonly seen = new Set<string>()

  constructor() {
    this.session.connect()
    this.session.post('Profiler.enable')
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** How many blocks have run since it began. */
  get blocks(): number {
    return this.seen.size
  }

  /** Whether anything has run since the last look that had never run before. */
  isNew(): boolean {
    const before = this.seen.size
    // Without a promise around it, the callback is called at once.
    this.session.post('Profiler.takePreciseCoverage', (_, taken) => {
      for (const script of taken?.result ?? []) if (OURS.test(script.url)) this.add(script)
    })
    return this.seen.size > before
  }

  private add({ scriptId, functions }: Profiler.ScriptCoverage): void {
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        if (count > 0) this.seen.add(`${scriptId} ${startOffset} ${endOffset} ${magnitude(count)}`)
  }

  close(): void {
    this.session.disconnect()
  }
}

/** A loop that runs an order of magnitude more often counts as new, too. */
function magnitude(count: number): number {
  return count > 64 ? 3 : count > 8 ? 2 : 1
}
