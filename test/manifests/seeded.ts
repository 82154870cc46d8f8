/** Numbers that look random and are the same in every run (mulberry32). */
export class Seeded {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }

  oneOf<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  /** A text of `least` to `most` of the characters. */
  text(characters: string, least: number, most: number): string {
    const length = least + this.below(most - least + 1)
    return Array.from({ length }, () => this.oneOf([...characters])).join('')
  }

  /** The item, or undefined in half of the cases. */
  perhaps<T>(make: () => T): T | undefined {
    return this.below(2) === 0 ? undefined : make()
  }
}
