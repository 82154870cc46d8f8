/**
 * Bytes per second over the last few seconds, so that the display follows the current speed and not the
 * average.
 */
export class SlidingRate {
  private readonly samples: { at: number; bytes: number }[] = []

  /** @param window in milliseconds */
  constructor(private readonly window = 5000) {}

  /** @param at in milliseconds, never less than the time before */
  add(bytes: number, at: number): void {
    const last = this.samples.at(-1)
    // Samples are collected per tenth of a second: a fast copy reports thousands.
    if (last && at - last.at < 100 && this.samples.length > 1) last.bytes += bytes
    else this.samples.push({ at, bytes })
    this.forget(at)
  }

  /** 0 until there are enough samples. */
  perSecond(at: number): number {
    this.forget(at)
    const first = this.samples[0]
    if (!first || at - first.at < 200) return 0
    const bytes = this.samples.reduce((sum, sample) => sum + sample.bytes, 0)
    return (bytes * 1000) / (at - first.at)
  }

  private forget(at: number): void {
    while (this.samples[0] && at - this.samples[0].at > this.window) this.samples.shift()
  }
}
