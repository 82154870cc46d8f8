import type { Measured, Result } from './result.js'

/** For the pairs of runs in turn: ours divided by the peer's. */
export interface Ratio {
  least: number
  median: number
  greatest: number
}

/** What is measured alongside a peer, as it is recorded: wall-clock time, and the processor time of all threads. */
export interface Row {
  /** Left out where only memory counts. */
  seconds?: Ratio
  /** Left out if the system does not provide it, or if a run took less than the system's unit. */
  processor?: Ratio
  /** Peak memory, divided by what is wanted. */
  memory?: Ratio
}

/** What this run has measured so far, by the job and the peer. */
export const measuredRows = new Map<string, Row>()

/** Keeps how ours, the first, compares with each of the others. If there are no others there is no row. */
export function keepRows(title: string, [ours, ...peers]: readonly Result[]): void {
  if (!ours) return
  for (const peer of peers) {
    const seconds = ratioOf(ours, peer, 'seconds')
    const processor = ratioOf(ours, peer, 'processor')
    if (seconds)
      measuredRows.set(`${title}, beside ${peer.title}`, { seconds, ...(processor ? { processor } : {}) })
  }
}

/** Keeps how the peaks of some runs compare with what is wanted, in bytes. There is no row where the system says none. */
export function keepPeak(title: string, runs: readonly Measured[], wanted: number): void {
  const memory = spreadOf(runs.map(({ peak }) => peak / wanted).filter((ratio) => ratio > 0))
  if (memory) measuredRows.set(title, { memory })
}

/** Pairs from the same round: whatever else the machine was doing then slowed both. */
function ratioOf(ours: Result, peer: Result, key: keyof Measured): Ratio | undefined {
  const pairs = ours.runs.flatMap((run, i) => {
    const ratio = run[key] / (peer.runs[i]?.[key] ?? 0)
    return Number.isFinite(ratio) && ratio > 0 ? [ratio] : []
  })
  return spreadOf(pairs)
}

function spreadOf(ratios: readonly number[]): Ratio | undefined {
  if (ratios.length === 0) return undefined
  const sorted = [...ratios].sort((a, b) => a - b)
  const rounded = (at: number): number => Number((sorted[at] ?? 0).toFixed(3))
  return {
    least: rounded(0),
    median: rounded(Math.floor(sorted.length / 2)),
    greatest: rounded(sorted.length - 1),
  }
}
