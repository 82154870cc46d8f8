/** This many bytes at once become readable for those who wait for a stream. */
const UNIT = 65536
const ALL = 0x7fffffff
/** Nobody sleeps longer than this without looking, in milliseconds. */
const NAP = 100

const QUEUED = 0
const FIRST_STREAM = 1

/** What the threads of one job know about each other: how far each stream is written. */
export class SharedState {
  /** @param checkpoint throws Stopped if the task is to stop */
  constructor(
    readonly cells: Int32Array,
    readonly checkpoint: () => void = () => {},
  ) {}

  static cellsFor(streams: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(4 * (FIRST_STREAM + streams)))
  }

  /** The stream's file is final up to this byte. */
  ready(stream: number, upTo: number): void {
    this.set(FIRST_STREAM + stream, Math.floor(upTo / UNIT))
  }

  /** The stream's file is complete. */
  finished(stream: number): void {
    this.set(FIRST_STREAM + stream, ALL)
  }

  /**
   * Waits until the file is final up to this byte, or complete.
   * @throws Stopped
   */
  waitFor(stream: number, upTo: number): void {
    const needed = Math.ceil(upTo / UNIT)
    this.wait(FIRST_STREAM + stream, (value) => value >= needed)
  }

  /**
   * Another piece was handed over; waits while more than `most` have not been taken.
   * @throws Stopped
   */
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
