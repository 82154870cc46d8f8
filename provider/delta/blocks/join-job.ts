import { BaseReader } from './base-reader.js'
import { deltaInvalid } from './delta-invalid.js'
import { ResultOut } from './result-out.js'
import { SegmentReader } from './segment-reader.js'
import type { SharedState } from './shared-state.js'
import { StreamOut } from './stream-out.js'
import type { Answers, JoinTask, RawSegment } from './task.js'
import { VarintReader } from './varint.js'

/** @throws Trouble with DELTA_INVALID and others, Stopped */
export function runJoin(
  task: JoinTask,
  module: WebAssembly.Module,
  state: SharedState,
  onBytes: (count: number) => void,
): Answers['join'] {
  const result = new ResultOut(task, onBytes)
  const base = new BaseReader(task.bases, state)
  const reader = new SegmentReader(task.delta)
  try {
    const stream = new StreamOut(module, result, task.pack)
    const operations = new Operations(task, base, stream, state)
    for (let segment = reader.next(); segment; segment = reader.next()) operations.carryOut(segment)
    if (stream.size !== task.streamSize) throw deltaInvalid(`${task.streamSize} bytes`, `${stream.size}`)
    stream.end()
    return { hex: result.end() }
  } finally {
    reader.close()
    base.close()
    result.close()
  }
}

/** Carries out operations; each is checked against what is available before a single byte is moved. */
class Operations {
  private lastEnd = 0

  constructor(
    private readonly task: JoinTask,
    private readonly base: BaseReader,
    private readonly out: StreamOut,
    private readonly state: SharedState,
  ) {}

  carryOut({ operations, literals }: RawSegment): void {
    const numbers = new VarintReader(operations)
    let used = 0
    while (!numbers.isAtEnd) {
      const count = numbers.next()
      const copied = numbers.next()
      if (count + copied === 0) throw deltaInvalid('an operation that gives bytes', 'one that gives none')
      if (count > literals.length - used)
        throw deltaInvalid(`at most ${literals.length - used} literals`, `${count}`)
      const room = this.task.streamSize - this.out.size
      if (count + copied > room) throw deltaInvalid(`at most ${room} bytes more`, `${count + copied}`)
      if (count > 0)
        this.out.fill(count, (target, done) =>
          target.set(literals.subarray(used + done, used + done + target.length)),
        )
      used += count
      if (copied > 0) this.copy(this.lastEnd + numbers.signed(), copied)
    }
    if (used !== literals.length) throw deltaInvalid(`${literals.length} literals used`, `${used}`)
  }

  private copy(from: number, size: number): void {
    if (from < 0 || from + size > this.base.size)
      throw deltaInvalid(`a copy of bytes below ${this.base.size}`, `${from} to ${from + size}`)
    this.out.fill(size, (target, done) => {
      this.state.checkpoint()
      this.base.read(target, from + done)
    })
    this.lastEnd = from + size
  }
}
