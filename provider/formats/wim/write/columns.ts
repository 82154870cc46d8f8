/** A column of numbers that grows; twice the room each time it is full. */
export class Numbers {
  length = 0
  private values: Float64Array

  /** @param room for how many, if that is known */
  constructor(room = 64) {
    this.values = new Float64Array(Math.max(1, room))
  }

  push(value: number): number {
    if (this.length === this.values.length) {
      const values = new Float64Array(2 * this.length)
      values.set(this.values)
      this.values = values
    }
    this.values[this.length] = value
    return this.length++
  }

  at(i: number): number {
    return this.values[i] ?? 0
  }

  set(i: number, value: number): void {
    this.values[i] = value
  }
}
