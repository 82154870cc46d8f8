import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { BUFFER_BYTES } from '../files/buffer-size.js'
import { BaseReader } from './base-reader.js'
import { Kernel, MARGIN, STATUS } from './kernel/kernel.js'
import { SegmentReader } from './segment-reader.js'
import type { SharedState } from './shared-state.js'
import type { Answers, JoinTask, RawSegment } from './task.js'
import { deltaInvalid, doing, Trouble } from './trouble.js'
import { writeAll } from './unpack-job.js'
import { VarintReader } from './varint.js'

const OUTPUT = 2 * BUFFER_BYTES

/** @throws Trouble with DELTA_INVALID and others, Stopped */
export function runJoin(
  task: JoinTask,
  state: SharedState,
  onBytes: (count: number) => void,
): Answers['join'] {
  const result = new Result(task, onBytes)
  const base = new BaseReader(task.bases, state)
  const reader = new SegmentReader(task.delta)
  try {
    const stream = new StreamOut(task, result)
    const operations = new Operations(task, base, stream, state)
    for (let segment = reader.next(); segment; segment = reader.next()) operations.carryOut(segment)
    return stream.end()
  } finally {
    reader.close()
    base.close()
    result.close()
  }
}

/** Carries out operations; each is checked against what there is before a byte of it moves. */
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

/** The stream as it grows; turns it into the blob on the way. */
class StreamOut {
  size = 0
  private readonly kernel: Kernel
  private readonly input: number
  private readonly output: number
  private held = 0

  constructor(
    private readonly task: JoinTask,
    private readonly result: Result,
  ) {
    this.kernel = new Kernel(2 * BUFFER_BYTES + OUTPUT + 4 * MARGIN)
    this.input = this.kernel.take(BUFFER_BYTES + 2 * MARGIN)
    this.output = this.kernel.take(OUTPUT)
    this.kernel.exports.startPack()
  }

  /** So many bytes more, which are put where they are wanted, in pieces. */
  fill(count: number, put: (target: Buffer, done: number) => void): void {
    for (let done = 0; done < count; ) {
      const free = BUFFER_BYTES - this.held
      const size = Math.min(free, count - done)
      const at = this.input + this.held
      put(this.kernel.bytes.subarray(at, at + size), done)
      done += size
      this.held += size
      if (this.held === BUFFER_BYTES) this.drain(false)
    }
    this.size += count
  }

  end(): Answers['join'] {
    if (this.size !== this.task.streamSize)
      throw deltaInvalid(`${this.task.streamSize} bytes`, `${this.size}`)
    this.drain(true)
    return this.result.end()
  }

  private drain(last: boolean): void {
    const { bytes, exports } = this.kernel
    if (!this.task.pack) {
      this.result.take(bytes.subarray(this.input, this.input + this.held))
      this.held = 0
      return
    }
    if (last) bytes.fill(0, this.input + this.held, this.input + this.held + MARGIN)
    let at = 0
    for (let isFull = true; isFull; ) {
      const status = exports.pack(this.input + at, this.held - at, this.output, OUTPUT, last ? 1 : 0)
      at += exports.packTook.value
      const made = exports.packMade.value
      this.result.take(bytes.subarray(this.output, this.output + made))
      if (status === STATUS.done) break
      if (status !== STATUS.more) throw deltaInvalid('the tokens of a gzip file', 'other bytes')
      isFull = made > OUTPUT - 2 * MARGIN
      if (last && !isFull) throw deltaInvalid('the tokens of a gzip file', 'an end in the middle')
    }
    bytes.copyWithin(this.input, this.input + at, this.input + this.held)
    this.held -= at
  }
}

/** What comes out: hashed, counted and, where it is wanted, written. */
class Result {
  private size = 0
  private readonly fd: number
  private readonly hash

  constructor(
    private readonly task: JoinTask,
    private readonly onBytes: (count: number) => void,
  ) {
    const { to } = task
    this.hash = createHash(task.algorithm)
    this.fd = to === undefined ? -1 : doing(`Writing ${to}`, 'destination', () => openSync(to, 'wx', 0o600))
  }

  take(bytes: Buffer): void {
    this.size += bytes.length
    if (this.size > this.task.size) throw mismatch(this.task.size, `more than ${this.task.size} bytes`)
    this.hash.update(bytes)
    if (this.fd >= 0) writeAll(this.fd, bytes, this.task.to ?? '')
    this.onBytes(bytes.length)
  }

  end(): Answers['join'] {
    if (this.size !== this.task.size) throw mismatch(this.task.size, `${this.size} bytes`)
    return { hex: this.hash.digest('hex'), size: this.size }
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd)
  }
}

function mismatch(size: number, found: string): Trouble {
  return new Trouble('SIZE_MISMATCH', 'What the delta gives has another size than it says.', {
    side: 'source',
    expected: `${size} bytes`,
    found,
  })
}
