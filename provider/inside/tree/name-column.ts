const FIRST_NAMES = 1024
const FIRST_BYTES = 16 * FIRST_NAMES
/** Nearly all names have only such characters, which take one byte each. */
const NARROW = /^[\0-\xff]*$/

/**
 * Names by their numbers, one after the other. As strings, each would keep alive the path that it was cut
 * from.
 */
export class NameColumn {
  private bytes = Buffer.alloc(FIRST_BYTES)
  /** Where a name begins; the next one ends it. */
  private starts = new Uint32Array(FIRST_NAMES + 1)
  /** Whether a name has two bytes for each of its units of UTF-16, and not one. */
  private isWide = new Uint8Array(FIRST_NAMES)
  private count = 0

  add(name: string): void {
    const encoding = NARROW.test(name) ? 'latin1' : 'utf16le'
    const start = this.starts[this.count] ?? 0
    const end = start + (encoding === 'latin1' ? 1 : 2) * name.length
    if (end > this.bytes.length) this.bytes = enlarged(this.bytes, Buffer.alloc(roomFor(end)))
    if (this.count + 1 >= this.isWide.length) this.grow(roomFor(this.count + 1))
    this.bytes.write(name, start, encoding)
    this.isWide[this.count] = encoding === 'latin1' ? 0 : 1
    this.starts[++this.count] = end
  }

  get(number: number): string {
    return this.bytes.toString(
      this.isWide[number] ? 'utf16le' : 'latin1',
      this.starts[number],
      this.starts[number + 1],
    )
  }

  is(number: number, name: string): boolean {
    if (this.isWide[number]) return this.get(number) === name
    const start = this.starts[number] ?? 0
    if ((this.starts[number + 1] ?? 0) - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.bytes[start + i] !== name.charCodeAt(i)) return false
    return true
  }

  private grow(names: number): void {
    this.starts = enlarged(this.starts, new Uint32Array(names + 1))
    this.isWide = enlarged(this.isWide, new Uint8Array(names))
  }
}

/** Half as much again: with twice as much, half of all trees would leave most of it empty. */
export function roomFor(needed: number): number {
  return Math.ceil(needed * 1.5)
}

export function enlarged<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
