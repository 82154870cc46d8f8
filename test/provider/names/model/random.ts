/** Numbers that are the same for the same seed (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** 0 to `below` - 1. */
  number(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }

  one<T>(of: readonly T[]): T {
    return of[this.number(of.length)] as T
  }

  some<T>(of: readonly T[], atMost: number): T[] {
    const left = [...of]
    const taken: T[] = []
    for (let n = 1 + this.number(atMost); n > 0 && left.length > 0; n--)
      taken.push(...left.splice(this.number(left.length), 1))
    return taken
  }
}
