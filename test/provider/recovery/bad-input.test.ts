import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { createRecovery, repair, verifyRecovery } from '../../../provider/recovery/index.js'
import { scanFile } from '../../../provider/recovery/scan.js'
import type { Scan } from '../../../provider/recovery/scanned-packets.js'
import { scratch } from '../../scratch.js'
import { flip, packetsOf, writeFiles } from './sample-files.js'

/** What is thrown for recovery files that are of no use: never anything else, and never nothing at all. */
const REFUSALS = ['ARCHIVE_INVALID', 'PATH_NOT_FOUND', 'UNSAFE_NAME']

describe('recovery files from outside', () => {
  const { folder, remove } = scratch()
  let place = ''
  let volume = Buffer.alloc(0)

  before(async () => {
    place = folder()
    writeFiles(place, { 'a.bin': 3000, 'b.bin': 900 })
    const made = { files: ['a.bin', 'b.bin'], folder: place, redundancy: 1, sliceSize: 1000 }
    await createRecovery({ ...made, base: 'set' })
    volume = readFileSync(path.join(place, 'set.vol01+02.par2'))
    for (const name of readdirSync(place)) if (name.endsWith('.par2')) rmSync(path.join(place, name))
    flip(path.join(place, 'a.bin'), 5)
  })
  after(remove)

  /** How a recovery file alone is taken: the number of its recovery slices, or the code of the refusal. */
  async function taken(content: Buffer): Promise<number | string> {
    const file = path.join(place, 'only.par2')
    writeFileSync(file, content)
    return await verifyRecovery(file).then(
      ({ recoverySlices, files, lostSlices }) => {
        expect(files.map(({ condition }) => condition).sort()).to.deep.equal(['damaged', 'whole'])
        expect(lostSlices).to.equal(1)
        return recoverySlices
      },
      (error) => error.code,
    )
  }

  /** What is found in a recovery file. */
  function scanned(content: Buffer): Scan {
    const file = path.join(place, 'scanned')
    writeFileSync(file, content)
    return scanFile({ type: 'scan', path: file }, () => {})
  }

  it('are read as far as they go, wherever they are cut', async () => {
    expect(await taken(volume)).to.equal(2)
    const packets = packetsOf(volume)
    for (const [i, { at, length }] of packets.entries())
      for (const end of [at, at + 1, at + 8, at + 63, at + 64, at + length - 1]) {
        const { recovery, intact } = scanned(volume.subarray(0, end))
        const before = packets.slice(0, i).filter(({ type }) => type === 'RecvSlic').length
        expect(recovery, `cut at ${end}`).to.have.lengthOf(before)
        expect(intact, `cut at ${end}`).to.equal(end === at)
      }
    // Before the descriptions of all files nothing is known of them.
    expect(await taken(volume.subarray(0, 100))).to.be.oneOf(REFUSALS)
  })

  it('are read past a packet in which a bit is flipped', async () => {
    for (const { at, length, type } of packetsOf(volume))
      for (let position = 0; position < length; position += position < 80 ? 7 : 97) {
        const content = Buffer.from(volume)
        content[at + position] = (content[at + position] ?? 0) ^ 0x10
        const { recovery, critical, intact } = scanned(content)
        const where = `${type}, byte ${position}`
        // All but recovery slices and the creator are there twice.
        expect(recovery, where).to.have.lengthOf(type === 'RecvSlic' ? 1 : 2)
        expect(critical, where).to.have.lengthOf(type === 'Creator' ? 5 : 6)
        expect(intact, where).to.equal(false)
      }
    for (const { at, type } of packetsOf(volume)) {
      const content = Buffer.from(volume)
      content[at + 40] = (content[at + 40] ?? 0) ^ 0x10
      expect(await taken(content), type).to.equal(type === 'RecvSlic' ? 1 : 2)
    }
  })

  it('are read with other bytes between their packets', async () => {
    const parts = packetsOf(volume).flatMap(({ at, length }) => [
      Buffer.from('PAR2\0PK'),
      volume.subarray(at, at + length),
    ])
    expect(await taken(Buffer.concat(parts))).to.equal(2)
  })

  it('are refused for names that lead elsewhere', async () => {
    for (const name of [
      '../a.bin',
      '/etc/passwd',
      'x/a.bin',
      '..\\a.bin',
      '..',
      'C:a.bin',
      'nul.txt',
      'a\nb',
      'B.BIN',
    ])
      expect(await taken(renamed(volume, name)), name).to.equal('UNSAFE_NAME')
    expect(await repair(path.join(place, 'only.par2')).catch((error) => error.code)).to.equal('UNSAFE_NAME')
  })

  it('do not hang on packets that lie about their length', async () => {
    // Each of them says that it goes on to the end.
    const count = 20_000
    const lies = Buffer.alloc(count * 64)
    for (let i = 0; i < count; i++) {
      volume.copy(lies, i * 64, 0, 64)
      lies.write('PAR 2.0\0RecvSlic', i * 64 + 48, 'latin1')
      lies.writeBigUInt64LE(BigInt(lies.length - i * 64), i * 64 + 8)
    }
    expect(await taken(lies)).to.equal('ARCHIVE_INVALID')
  })

  it('may ask for no more than PAR 2.0 has', async () => {
    const absurd = (change: (body: Buffer) => void): Buffer => withMain(volume, change)
    expect(await taken(absurd((body) => body.writeBigUInt64LE(0n)))).to.equal('ARCHIVE_INVALID')
    expect(await taken(absurd((body) => body.writeBigUInt64LE(1n << 62n)))).to.equal('ARCHIVE_INVALID')
    expect(await taken(absurd((body) => body.writeBigUInt64LE(6n)))).to.equal('ARCHIVE_INVALID')
    expect(await taken(absurd((body) => body.writeUInt32LE(0xffffffff, 8)))).to.equal('ARCHIVE_INVALID')
    expect(await taken(absurd((body) => body.fill(7, 12, 28)))).to.equal('ARCHIVE_INVALID')
  })

  it('are not there where a folder or another file is named', async () => {
    const other = path.join(folder(), 'empty')
    mkdirSync(other)
    expect(await verifyRecovery(other).catch((error) => error.code)).to.equal('PATH_NOT_FOUND')
    expect(await verifyRecovery(path.join(other, 'no.par2')).catch((error) => error.code)).to.equal(
      'PATH_NOT_FOUND',
    )
  })
})

/** The file with another name for its first file, and all hashes as they then have to be. */
function renamed(file: Buffer, name: string): Buffer {
  const [description] = packetsOf(file).filter(({ type }) => type === 'FileDesc')
  const { at = 0, length = 0 } = description ?? {}
  const packet = file.subarray(at, at + length)
  const spelled = Buffer.from(name)
  const padded = Buffer.concat([spelled, Buffer.alloc((4 - (spelled.length % 4)) % 4)])
  const body = Buffer.concat([packet.subarray(64, 120), padded])
  const identified = Buffer.concat([body.subarray(32, 56), spelled])
  const id = createHash('md5').update(identified).digest()
  const old = Buffer.from(body.subarray(0, 16))
  id.copy(body)
  const replaced = Buffer.concat([packet.subarray(0, 64), body])
  const others = packetsOf(file)
    .filter(({ type }) => type === 'Main' || type === 'FileDesc')
    .map((one) => Buffer.from(file.subarray(one.at, one.at + one.length)))
    .filter((one) => !one.subarray(64, 80).equals(old))
  for (const one of others) {
    const found = one.indexOf(old, 64)
    if (found >= 0) id.copy(one, found)
  }
  return sealed([replaced, ...others])
}

function withMain(file: Buffer, change: (body: Buffer) => void): Buffer {
  const packets = packetsOf(file).map(({ at, length }) => Buffer.from(file.subarray(at, at + length)))
  for (const packet of packets) if (packet.toString('latin1', 56, 60) === 'Main') change(packet.subarray(64))
  return sealed(packets)
}

/** Gives packets the set id, lengths and hashes that belong to what they say. */
function sealed(packets: Buffer[]): Buffer {
  const main = packets.find((packet) => packet.toString('latin1', 56, 60) === 'Main')
  const setId = createHash('md5')
    .update(main?.subarray(64) ?? '')
    .digest()
  for (const packet of packets) {
    setId.copy(packet, 32)
    packet.writeBigUInt64LE(BigInt(packet.length), 8)
    createHash('md5').update(packet.subarray(32)).digest().copy(packet, 16)
  }
  return Buffer.concat(packets)
}
