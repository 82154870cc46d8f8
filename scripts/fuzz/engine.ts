import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ERROR_CODES } from '../../manifests/index.js'
import { Seeded } from '../../test/manifests/seeded.js'
import { Coverage } from './coverage.js'
import { changedJson, mutated } from './mutations.js'
import type { Prepared, Target } from './target.js'

export interface FuzzReport {
  target: string
  seed: number
  inputs: number
  /** Inputs that were accepted, and those that were refused with an error of ours. */
  taken: number
  refused: number
  /**
   * Inputs from which others were made: they, or one that was given together with them, ran code that had not run
   * before.
   */
  kept: number
  blocks: number
  /** In processor time. */
  seconds: number
  /** In processor time, like all of it. */
  slowestMilliseconds: number
  /** How much the process grew after the first inputs, once everything that nobody holds any more was collected. */
  growthBytes: number
  findings: { what: string; file: string }[]
}

const PATIENCE = 5000
const MOST_GROWTH = 100 * 1024 * 1024
const MOST_KEPT = 5000
const BATCH = 8
const MOST_FINDINGS = 20
/** How many inputs there are between two looks at the memory in use. */
const LOOK = 500

/** A parser that waits for others uses no processor time; in wall-clock time, it may take this many times as long. */
const MOST_WAITING = 20

/**
 * Gives a parser inputs, each made from one that it accepts or that led to something new.
 * @param seconds of processor time, so that a machine that is busy with something else gives as many inputs as another
 */
export async function fuzz(
  target: Target,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<FuzzReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-fuzz-'))
  try {
    return await new Fuzzing(target.name, await target.prepare(folder), seed).during(seconds)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class Fuzzing {
  private readonly coverage = new Coverage()
  private readonly random: Seeded
  private readonly corpus: Buffer[]
  /** Of the inputs that were added to it. */
  private corpusBytes = 0
  private readonly collect = collector()
  private readonly batch: Buffer[] = []
  private calm = 0
  private readonly told = new Set<string>()
  private readonly report: FuzzReport

  constructor(
    name: string,
    private readonly prepared: Prepared,
    seed: number,
  ) {
    this.random = new Seeded(seed)
    this.corpus = [...prepared.seeds]
    const counts = {
      inputs: 0,
      taken: 0,
      refused: 0,
      kept: 0,
      blocks: 0,
      seconds: 0,
      slowestMilliseconds: 0,
      growthBytes: 0,
    }
    this.report = { target: name, seed, ...counts, findings: [] }
  }

  async during(seconds: number): Promise<FuzzReport> {
    const [start, end] = [process.cpuUsage(), performance.now() + seconds * 1000 * MOST_WAITING]
    const worked = (): number => processorMilliseconds(start)
    for (const one of this.prepared.seeds) await this.give(one)
    while (
      worked() < seconds * 1000 &&
      performance.now() < end &&
      this.report.findings.length < MOST_FINDINGS
    )
      await this.give(this.next())
    this.coverage.close()
    this.report.blocks = this.coverage.blocks
    this.report.seconds = Math.round(worked() / 1000)
    return this.report
  }

  /** The last ones are chosen more often: they lead further. */
  private next(): Buffer {
    const { random, corpus, prepared } = this
    const recent = random.below(3) === 0 ? corpus.slice(-20) : corpus
    const one = random.oneOf(recent)
    const changed =
      prepared.change?.(one, random) ?? (random.below(4) > 0 ? changedJson(one, random) : undefined)
    return changed ?? mutated(one, random, prepared.words ?? [], corpus)
  }

  private async give(input: Buffer): Promise<void> {
    const before = process.cpuUsage()
    const trouble = await this.judge(input)
    // A parser is not slow because the machine is busy with something else.
    const worked = Math.round(processorMilliseconds(before))
    const { report } = this
    report.inputs++
    report.slowestMilliseconds = Math.max(report.slowestMilliseconds, worked)
    const patience = this.prepared.patience ?? PATIENCE
    const what = trouble ?? (worked > patience ? `it took ${worked} ms of processor time` : undefined)
    if (what !== undefined) this.tell(what, input)
    this.batch.push(Buffer.from(input))
    if (this.batch.length === BATCH) this.keepIfNew()
    // What V8 has collected from native packages is freed in a later turn: without one it would seem to be kept.
    await setImmediate()
    if (report.inputs % LOOK === 0) this.look()
  }

  /** For a whole batch, as a look takes V8 as long as parsers take for many inputs. */
  private keepIfNew(): void {
    const batch = this.batch.splice(0)
    if (!this.coverage.isNew() || this.report.kept + BATCH > MOST_KEPT) return
    this.corpus.push(...batch)
    this.corpusBytes += batch.reduce((sum, { length }) => sum + length, 0)
    this.report.kept += batch.length
  }

  private async judge(input: Buffer): Promise<string | undefined> {
    try {
      await this.prepared.take(Buffer.from(input))
      this.report.taken++
      return undefined
    } catch (error) {
      const { code, stack } = error as { code?: string; stack?: string }
      if (code !== undefined && code in ERROR_CODES && code !== 'UNEXPECTED') {
        this.report.refused++
        return undefined
      }
      return stack ?? String(error)
    }
  }

  /** A place in the code is reported only once. */
  private tell(what: string, input: Buffer): void {
    const place = what.replaceAll(/\d+/g, '').split('\n').slice(0, 3).join('\n').slice(0, 400)
    if (this.told.has(place)) return
    this.told.add(place)
    const { target, seed, inputs, findings } = this.report
    const file = path.join(os.tmpdir(), `fuzz-${target}-${seed}-${inputs}`)
    writeFileSync(file, input)
    findings.push({ what, file })
  }

  private look(): void {
    this.collect()
    // What the first inputs need, above all compiled code, does not count as growth; nor do the inputs that are kept.
    const held = process.memoryUsage.rss() - this.corpusBytes
    if (this.calm === 0) this.calm = held
    const growth = held - this.calm
    this.report.growthBytes = Math.max(this.report.growthBytes, growth)
    if (growth > MOST_GROWTH) this.tell(`memory grew by ${growth}`, Buffer.alloc(0))
  }
}

/** Including the time of the parser's threads. */
function processorMilliseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** Node's own garbage collector, which is available only on request. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
