/** A key of a made hive: its values, and the keys below it. */
export interface MadeKey {
  values?: Record<string, string | number>
  keys?: Record<string, MadeKey>
}

const BASE_BLOCK_BYTES = 4096
const NONE = 0xffffffff

/** A registry hive ("Windows registry file format specification", github.com/msuhanov/regf). */
export function madeHive(root: MadeKey): Buffer {
  const bin = new Bin()
  const at = bin.key('ROOT', root)
  const base = Buffer.alloc(BASE_BLOCK_BYTES)
  base.write('regf', 0, 'latin1')
  base.writeUInt32LE(1, 4)
  base.writeUInt32LE(1, 8)
  base.writeUInt32LE(1, 20)
  base.writeUInt32LE(5, 24)
  base.writeUInt32LE(1, 32)
  base.writeUInt32LE(at, 36)
  const cells = bin.bytes()
  base.writeUInt32LE(cells.length, 40)
  let sum = 0
  for (let i = 0; i < 508; i += 4) sum ^= base.readUInt32LE(i)
  base.writeUInt32LE(sum >>> 0, 508)
  return Buffer.concat([base, cells])
}

class Bin {
  private readonly cells: Buffer[] = []
  /** Behind the header of the bin. */
  private size = 32

  cell(content: Buffer): number {
    const at = this.size
    const cell = Buffer.alloc(Math.ceil((4 + content.length) / 8) * 8)
    cell.writeInt32LE(-cell.length, 0)
    cell.set(content, 4)
    this.cells.push(cell)
    this.size += cell.length
    return at
  }

  key(name: string, { values = {}, keys = {} }: MadeKey): number {
    const subkeys = Object.entries(keys).map(([one, key]) => [one, this.key(one, key)] as const)
    const list = Buffer.alloc(4 + subkeys.length * 8)
    list.write('lh', 0, 'latin1')
    list.writeUInt16LE(subkeys.length, 2)
    for (const [i, [, at]] of subkeys.entries()) list.writeUInt32LE(at, 4 + i * 8)
    const valueAts = Object.entries(values).map(([one, value]) => this.value(one, value))
    const valueList = Buffer.alloc(valueAts.length * 4)
    for (const [i, at] of valueAts.entries()) valueList.writeUInt32LE(at, i * 4)
    const cell = Buffer.alloc(76 + name.length)
    cell.write('nk', 0, 'latin1')
    cell.writeUInt16LE(name === 'ROOT' ? 0x2c : 0x20, 2)
    cell.writeUInt32LE(subkeys.length, 20)
    cell.writeUInt32LE(subkeys.length > 0 ? this.cell(list) : NONE, 28)
    cell.writeUInt32LE(NONE, 32)
    cell.writeUInt32LE(valueAts.length, 36)
    cell.writeUInt32LE(valueAts.length > 0 ? this.cell(valueList) : NONE, 40)
    cell.writeUInt32LE(NONE, 44)
    cell.writeUInt32LE(NONE, 48)
    cell.writeUInt16LE(name.length, 72)
    cell.write(name, 76, 'latin1')
    return this.cell(cell)
  }

  bytes(): Buffer {
    const size = Math.ceil(this.size / 4096) * 4096
    const head = Buffer.alloc(32)
    head.write('hbin', 0, 'latin1')
    head.writeUInt32LE(size, 8)
    const free = Buffer.alloc(size - this.size)
    if (free.length >= 4) free.writeInt32LE(free.length, 0)
    return Buffer.concat([head, ...this.cells, free])
  }

  private value(name: string, value: string | number): number {
    const cell = Buffer.alloc(20 + name.length)
    cell.write('vk', 0, 'latin1')
    cell.writeUInt16LE(name.length, 2)
    if (typeof value === 'number') {
      cell.writeUInt32LE(0x80000004, 4)
      cell.writeUInt32LE(value, 8)
      cell.writeUInt32LE(4, 12)
    } else {
      const data = Buffer.from(`${value}\0`, 'utf16le')
      cell.writeUInt32LE(data.length, 4)
      cell.writeUInt32LE(this.cell(data), 8)
      cell.writeUInt32LE(1, 12)
    }
    cell.writeUInt16LE(1, 16)
    cell.write(name, 20, 'latin1')
    return this.cell(cell)
  }
}
