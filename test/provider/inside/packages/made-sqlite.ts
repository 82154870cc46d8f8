const PAGE_BYTES = 4096

/** A database of SQLite with rpm's table of packages, as one leaf, and long records in pages of their own (sqlite.org/fileformat2.html). */
export function sqliteDatabase(blobs: Buffer[]): Buffer {
  const schema = record([
    'table',
    'Packages',
    'Packages',
    2,
    "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)",
  ])
  const overflow: Buffer[] = []
  const first = leaf([Buffer.concat([varint(schema.length), varint(1), schema])], 100)
  first.write('SQLite format 3\0', 0, 'latin1')
  first.writeUInt16BE(PAGE_BYTES, 16)
  const cells = blobs.map((blob, i) => {
    const payload = record([null, blob])
    const head = Buffer.concat([varint(payload.length), varint(i + 1)])
    return payload.length <= PAGE_BYTES - 35 ? Buffer.concat([head, payload]) : long(head, payload, overflow)
  })
  return Buffer.concat([first, leaf(cells, 0), ...overflow])
}

function long(head: Buffer, payload: Buffer, overflow: Buffer[]): Buffer {
  const least = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23
  const wished = least + ((payload.length - least) % (PAGE_BYTES - 4))
  const here = wished <= PAGE_BYTES - 35 ? wished : least
  const next = Buffer.alloc(4)
  next.writeUInt32BE(3 + overflow.length)
  for (let at = here; at < payload.length; at += PAGE_BYTES - 4) {
    const page = Buffer.alloc(PAGE_BYTES)
    if (at + PAGE_BYTES - 4 < payload.length) page.writeUInt32BE(4 + overflow.length, 0)
    page.set(payload.subarray(at, at + PAGE_BYTES - 4), 4)
    overflow.push(page)
  }
  return Buffer.concat([head, payload.subarray(0, here), next])
}

function leaf(cells: Buffer[], header: number): Buffer {
  const page = Buffer.alloc(PAGE_BYTES)
  page[header] = 13
  page.writeUInt16BE(cells.length, header + 3)
  let end = PAGE_BYTES
  for (const [i, cell] of cells.entries()) {
    end -= cell.length
    page.set(cell, end)
    page.writeUInt16BE(end, header + 8 + i * 2)
  }
  page.writeUInt16BE(end, header + 5)
  return page
}

function record(values: (string | number | Buffer | null)[]): Buffer {
  const types: Buffer[] = []
  const bodies: Buffer[] = []
  for (const value of values) {
    const body =
      typeof value === 'string'
        ? Buffer.from(value)
        : typeof value === 'number'
          ? Buffer.from([value])
          : (value ?? Buffer.alloc(0))
    const type =
      value === null
        ? 0
        : typeof value === 'number'
          ? 1
          : body.length * 2 + (typeof value === 'string' ? 13 : 12)
    types.push(varint(type))
    bodies.push(body)
  }
  const header = Buffer.concat(types)
  return Buffer.concat([varint(header.length + 1), header, ...bodies])
}

function varint(value: number): Buffer {
  const bytes = [value & 0x7f]
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    bytes.unshift((left & 0x7f) | 0x80)
  return Buffer.from(bytes)
}
