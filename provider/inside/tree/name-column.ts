const FIRST_NAMES = 1024
const FIRST_UNITS = 16 * FIRST_NAMES

/**
 * Names by their numbers, one behind the other in UTF-16. As texts, each would keep alive the path that it was cut from.
 */
export class NameColumn {
  private units = new Uint16Array(FIRST_UNITS)
  /** Where a name begins; the next one ends it. */
  private starts = new Uint32Array(FIRST_NAMES + 1)
  private count = 0

  add(name: string): void {
    const start = this.starts[this.count] ?? 0
    const end = start + name.length
    if (end > this.units.length) this.units = enlarged(this.units, new Uint16Array(roomFor(end)))
    if (this.count + 2 > this.starts.length)
      this.starts = enlarged(this.starts, new Uint32Array(roomFor(this.count + 2)))
    for (let i = 0; i < name.length; i++) this.units[start + i] = name.charCodeAt(i)
    this.starts[++this.count] = end
  }

  get(number: number): string {
    return String.fromCharCode(...this.units.subarray(this.starts[number], this.starts[number + 1]))
  }

  is(number: number, name: string): boolean {
    const start = this.starts[number] ?? 0
    if ((this.starts[number + 1] ?? 0) - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.units[start + i] !== name.charCodeAt(i)) return false
    return true
  }
}

/** Half as much again: twice as much would be mostly empty for half of all trees. */
export function roomFor(needed: number): number {
  return Math.ceil(needed * 1.5)
}

export function enlarged<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
