/** Thrown in a thread because another one failed, or because the work was aborted; nobody is told. */
export class Stopped extends Error {}

/** So many bytes become readable at once for those who wait for a stream. */
const UNIT = 65536
const ALL = 0x7fffffff
/** Nobody sleeps longer than this without looking, in milliseconds. */
const NAP = 100

const STOP = 0
const QUEUED = 1
const FIRST_STREAM = 2

/** What the threads of one job know of each other: whether to stop, and how far each stream is written. */
export class SharedState {
  private readonly cells: Int32Array

  constructor(readonly buffer: SharedArrayBuffer) {
    this.cells = new Int32Array(buffer)
  }

  static forStreams(count: number): SharedState {
    return new SharedState(new SharedArrayBuffer(4 * (FIRST_STREAM + count)))
  }

  stop(): void {
    Atomics.store(this.cells, STOP, 1)
    for (let i = 0; i < this.cells.length; i++) Atomics.notify(this.cells, i)
  }

  /** @throws Stopped */
  checkpoint(): void {
    if (Atomics.load(this.cells, STOP) !== 0) throw new Stopped('stopped')
  }

  /** The stream's file is final up to this byte. */
  ready(stream: number, upTo: number): void {
    this.set(FIRST_STREAM + stream, Math.floor(upTo / UNIT))
  }

  /** The stream's file is whole. */
  finished(stream: number): void {
    this.set(FIRST_STREAM + stream, ALL)
  }

  /** Waits until the file is final up to this byte, or whole. @throws Stopped */
  waitFor(stream: number, upTo: number): void {
    const needed = Math.ceil(upTo / UNIT)
    this.wait(FIRST_STREAM + stream, (value) => value >= needed)
  }

  /** One more piece was handed over; waits while more than `most` are not taken. @throws Stopped */
  handOver(most: number): void {
    Atomics.add(this.cells, QUEUED, 1)
    this.wait(QUEUED, (value) => value <= most)
  }

  taken(): void {
    Atomics.sub(this.cells, QUEUED, 1)
    Atomics.notify(this.cells, QUEUED)
  }

  private set(cell: number, value: number): void {
    if (Atomics.load(this.cells, cell) === value) return
    Atomics.store(this.cells, cell, value)
    Atomics.notify(this.cells, cell)
  }

  private wait(cell: number, enough: (value: number) => boolean): void {
    for (;;) {
      const value = Atomics.load(this.cells, cell)
      if (enough(value)) return
      this.checkpoint()
      Atomics.wait(this.cells, cell, value, NAP)
    }
  }
}
