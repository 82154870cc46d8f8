import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { headerSize, PaxRecords, writeHeaders } from '../../../../../provider/archives/members/pax-headers.js'
import { padded } from '../../../../../provider/archives/members/tar-header.js'
import type { Layout } from '../../../../../provider/formats/wim/layer/layout.js'
import type { Member } from '../../../../../provider/formats/wim/layer/member.js'
import { RunWriter } from '../../../../../provider/formats/wim/layer/run-writer.js'
import type { WimBlob } from '../../../../../provider/formats/wim/read/resource-table.js'
import type { Piece } from '../../../../../provider/formats/wim/read/stream-plan.js'
import { scratch } from '../../../../scratch.js'

interface Given {
  member: Member
  blob: WimBlob | undefined
}

describe('RunWriter', () => {
  const { folder, remove } = scratch()
  after(remove)

  it('puts headers before contents that come in the order of the tar', () => {
    const blobs = [blobOf(1), blobOf(512), blobOf(700)]
    const given = [file('folder/', undefined), ...blobs.map((blob, i) => file(`file ${i}`, blob))]
    expectWhole(given, [blobs.map((blob) => piece(blob))])
  })

  it('puts contents to their places that come out of order, in pieces, and for several names', () => {
    const [early, late, shared, large] = [blobOf(600), blobOf(3), blobOf(40), blobOf(5000)]
    const given = [early, shared, large, shared, late, early].map((blob, i) => file(`file ${i}`, blob))
    expectWhole(given, [
      [piece(late), piece(large, 0, 1000)],
      [piece(large, 1000, 3999)],
      [piece(large, 4999, 1), piece(shared)],
      [piece(early)],
    ])
  })

  it('writes headers itself that are too many or too large to be handed over', () => {
    const blobs = Array.from({ length: 300 }, () => blobOf(10))
    const given = blobs.flatMap((blob, i) => [
      ...(i % 100 === 7 ? [file(`huge ${i}`, undefined, 3 << 20)] : []),
      ...Array.from({ length: 9 }, (_, folder) => file(`${i} ${folder}/`, undefined)),
      file(`large ${i}`, blob, 9000),
    ])
    expectWhole(given, [blobs.map((blob) => piece(blob))])
  })

  it('ends with what has no content', () => {
    const blob = blobOf(5)
    const given = [
      file('file', blob),
      ...Array.from({ length: 3000 }, (_, i) => file(`empty ${i}`, undefined)),
    ]
    expectWhole(given, [[piece(blob)]])
    expectWhole(given.slice(1), [])
  })

  it('refuses to end before all contents came', () => {
    const writer = writerFor([file('file', blobOf(5))], -1)
    expect(() => writer.end()).to.throw('A content of the layer was not written.')
  })

  /** The file has to be the tar as it would be written from its beginning to its end. */
  function expectWhole(given: readonly Given[], units: readonly Piece[][]): void {
    const target = path.join(folder(), 'layer.tar')
    const fd = openSync(target, 'w+')
    const writer = writerFor(given, fd)
    const answers = units.map(laidOut).map((pieces) => ({ pieces, writes: writer.writesOf(pieces) }))
    let final = 0
    for (const { pieces, writes } of answers) {
      let head = 0
      for (let i = 0; i < writes.places.length; i += 4) {
        const [position = 0, headBytes = 0, at = 0, size = 0] = writes.places.subarray(i, i + 4)
        writeSync(fd, writes.heads, head, headBytes, position)
        writeSync(fd, outputOf(pieces), at, size, position + headBytes)
        head += headBytes
      }
      expect(head).to.equal(writes.heads.length)
      const { finalUpTo } = writer.written()
      expect(finalUpTo).to.be.at.least(final)
      final = finalUpTo
      expect(readFileSync(target).subarray(0, final).equals(tarOf(given).subarray(0, final))).to.equal(true)
    }
    const end = writer.end()
    closeSync(fd)
    expect(end).to.equal(layoutOf(given).end)
    expect(readFileSync(target).equals(tarOf(given).subarray(0, end))).to.equal(true)
  }
})

let blobsMade = 0

function blobOf(size: number): WimBlob {
  blobsMade++
  return { sha1: String(blobsMade), size } as WimBlob
}

function bytesOf(blob: WimBlob): Buffer {
  return Buffer.alloc(blob.size, `${blob.sha1},`)
}

function piece(blob: WimBlob, from = 0, size = blob.size): Piece {
  return { blob, at: 0, size, from }
}

/** Pieces with where they lie in what the unit expands to. */
function laidOut(pieces: readonly Piece[]): Piece[] {
  let end = 0
  return pieces.map((one) => {
    end += one.size
    return { ...one, at: end - one.size }
  })
}

function outputOf(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map(({ blob, from, size }) => bytesOf(blob).subarray(from, from + size)))
}

function file(name: string, blob: WimBlob | undefined, recordSize = 0): Given {
  const records = new PaxRecords()
  if (recordSize > 0) records.addBytes('comment', 'x'.repeat(recordSize))
  const header = { name, type: '0' as const, mode: 0o644, uid: 0, gid: 0, seconds: 1, linkName: '' }
  return { member: { header: { ...header, size: blob?.size ?? 0, major: 0, minor: 0 }, records }, blob }
}

function layoutOf(given: readonly Given[]): Layout {
  const layout: Layout = { start: 0, end: 0, blobs: [], positions: [] }
  for (const { member, blob } of given) {
    layout.end += headerSize(member.records)
    if (!blob) continue
    layout.blobs.push(blob)
    layout.positions.push(layout.end)
    layout.end += padded(blob.size)
  }
  return layout
}

function writerFor(given: readonly Given[], fd: number): RunWriter {
  return new RunWriter(
    fd,
    layoutOf(given),
    (function* () {
      yield* given
    })(),
  )
}

function tarOf(given: readonly Given[]): Buffer {
  const parts = given.flatMap(({ member, blob }) => {
    const head = Buffer.alloc(headerSize(member.records))
    writeHeaders(head, 0, member.header, member.records)
    return blob ? [head, bytesOf(blob), Buffer.alloc(padded(blob.size) - blob.size)] : [head]
  })
  return Buffer.concat(parts)
}
