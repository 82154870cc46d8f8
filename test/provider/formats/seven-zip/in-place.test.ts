import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { sevenZipMembers } from '../../../../provider/formats/seven-zip/members.js'
import { storedPlaces } from '../../../../provider/formats/seven-zip/stored-places.js'
import { install, verify } from '../../../../provider/index.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { savedSevenZip } from './saved-seven-zip.js'

describe('a 7z that is not compressed', () => {
  const temporary = scratch()
  let layout: string
  let folder: string
  let ours: string

  before(async () => {
    ;({ layout, ours } = await savedSevenZip(temporary.folder()))
  })
  beforeEach(() => {
    folder = temporary.folder()
  })
  after(() => temporary.remove())

  const at = (name: string): string => path.join(folder, name)

  /** All that is in it, and whether 7-Zip had to unpack it. */
  async function read(file: string): Promise<{ bytes: Map<string, Buffer>; isUnpacked: boolean }> {
    let isUnpacked = false
    const place = async (): Promise<string> => {
      isUnpacked = true
      return at('scratch')
    }
    mkdirSync(at('scratch'), { recursive: true })
    const members = await sevenZipMembers(file, { scratch: place })
    const bytes = new Map<string, Buffer>()
    try {
      for (const { name, kind } of await members.list()) {
        const chunks: Buffer[] = []
        if (kind === 'file') for await (const chunk of members.read(name)) chunks.push(Buffer.from(chunk))
        if (kind === 'file') bytes.set(name, Buffer.concat(chunks))
        const range = kind === 'file' ? await members.locate(name) : undefined
        if (range)
          expect(readFileSync(range.path).subarray(range.offset, range.offset + range.size)).to.deep.equal(
            bytes.get(name),
          )
      }
    } finally {
      await members.close()
    }
    return { bytes, isUnpacked }
  }

  function expectLayout(bytes: ReadonlyMap<string, Buffer>): void {
    for (const name of ['index.json', 'oci-layout'])
      expect(bytes.get(name)).to.deep.equal(readFileSync(path.join(layout, name)), name)
    const blobs = [...bytes.keys()].filter((name) => name.startsWith('blobs/'))
    expect(blobs.length).to.be.greaterThan(3)
    for (const name of blobs)
      expect(bytes.get(name)?.equals(readFileSync(path.join(layout, name))), name).to.equal(true)
  }

  it('is read where it lies, and nothing is unpacked', async () => {
    const { bytes, isUnpacked } = await read(ours)
    expect(isUnpacked).to.equal(false)
    bytes.set('index.json', readFileSync(path.join(layout, 'index.json')))
    expectLayout(bytes)
  })

  it('is told by its list: streams in a row, all stored, no longer than there is room', () => {
    const member = (name: string, size: number, more: object) => [
      name,
      { name, kind: 'file' as const, size, crc32: 1, block: 0, isStored: true, ...more },
    ]
    const listOf = (...members: unknown[][]) => new Map(members as never) as never
    const two = listOf(member('a', 10, {}), member('none', 0, {}), member('b', 5, { block: 1 }))
    expect([...(storedPlaces(two, 15)?.values() ?? [])].map(({ offset }) => offset)).to.deep.equal([32, 42])
    expect(storedPlaces(two, 14)).to.equal(undefined)
    for (const more of [{ isStored: false }, { crc32: undefined }, { block: undefined }])
      expect(storedPlaces(listOf(member('a', 10, {}), member('b', 5, more)), 100)).to.equal(undefined)
    const backwards = listOf(member('a', 10, { block: 1 }), member('b', 5, { block: 0 }))
    expect(storedPlaces(backwards, 100)).to.equal(undefined)
  })

  it('names what is damaged: a layer, a document that is read, the last that 7-Zip then looks at', async () => {
    const whole = readFileSync(ours)
    const [large = 0, index, last] = [
      4_000_000,
      whole.indexOf('{"manifests"'),
      whole.indexOf('{"imageLayout'),
    ]
    for (const [place, named] of [
      [large, /holds "blobs\/sha256\/[0-9a-f]{64}" damaged/],
      [(index ?? 0) + 3, /holds "index\.json" damaged/],
      [(last ?? 0) + 3, /holds "oci-layout" damaged/],
    ] as const) {
      const bad = Buffer.from(whole)
      bad[place] = (bad[place] ?? 0) ^ 1
      writeFileSync(at('bad.7z'), bad)
      const error = await failure(install({ targets: [at('bad.7z')], store: at('store') }), 'ARCHIVE_INVALID')
      expect(error.message).to.match(named)
      expect((await verify({ paths: [at('bad.7z')], store: at('store') })).ok).to.equal(false)
    }
  })

  describeWithPeers(['7zz'], 'made by its peer', () => {
    const makers: Record<string, { switches: string[]; isUnpacked: boolean }> = {
      'each file by itself': { switches: ['-mx0', '-ms=off'], isUnpacked: false },
      'in one stream': { switches: ['-mx0', '-ms=on'], isUnpacked: false },
      'with a plain header': { switches: ['-mx0', '-mhc=off'], isUnpacked: false },
      'in parts': { switches: ['-mx0', '-v2m'], isUnpacked: true },
      'compressed, large files alone': { switches: ['-mx0', '-m0=LZMA2'], isUnpacked: true },
    }
    for (const [how, { switches, isUnpacked }] of Object.entries(makers))
      it(`is read whole: ${how}`, async () => {
        execFileSync('7zz', ['a', ...switches, at('theirs.7z'), '.'], { cwd: layout })
        const found = await read(at(switches.includes('-v2m') ? 'theirs.7z.001' : 'theirs.7z'))
        expectLayout(found.bytes)
        expect(found.isUnpacked).to.equal(isUnpacked)
      })
  })
})
