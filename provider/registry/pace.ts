/** In bytes per second. No real line is this slow: anything slower only holds up the client. */
const SLOWEST = 160

/** A body that comes, but so slowly that it would never end. */
export class TooSlow extends Error {
  /** @param bytes that came  @param least that should have  @param window in milliseconds */
  constructor(
    readonly bytes: number,
    readonly least: number,
    readonly window: number,
  ) {
    super(`${bytes} bytes came in ${window / 1000} seconds`)
  }
}

/** How fast a body comes while somebody waits for it; what a slow reader makes of it does not count. */
export class Pace {
  private waiting = 0
  private bytes = 0

  /** @param window in milliseconds */
  constructor(readonly window: number) {}

  came(bytes: number): void {
    this.bytes += bytes
  }

  /**
   * Counts a wait, in milliseconds.
   * @throws TooSlow if a window of waiting has brought too little
   */
  waited(milliseconds: number): void {
    this.waiting += milliseconds
    if (this.waiting < this.window) return
    const least = Math.floor((SLOWEST * this.window) / 1000)
    if (this.bytes < least) throw new TooSlow(this.bytes, least, this.window)
    this.waiting = 0
    this.bytes = 0
  }
}
