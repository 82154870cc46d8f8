import { expect } from 'chai'
import { factsOf, packagesIn } from './facts-of.js'
import { ndbDatabase, rpmHeaderBlob } from './made-rpm.js'
import { madeZip } from './made-zip.js'
import { SAMPLES } from './samples.js'

/** The same numbers on every run. */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}

/** Of a large file only the first and the last part is structure: the rest is cut in fewer places. */
function* cuts(length: number): Generator<number> {
  const step = Math.max(1, Math.floor(length / 300))
  for (let at = 0; at < length; at += step) yield at
}

/** What was read stays plain and bounded, whatever the bytes are. */
function isPlain(path: string, bytes: Buffer): void {
  for (const { packages = [], notes = [] } of factsOf(path, bytes)) {
    for (const { name, version } of packages) {
      expect(name.length, path).to.be.within(1, 512)
      expect(version.length, path).to.be.within(1, 512)
    }
    expect(notes.length).to.be.at.most(20)
  }
}

describe('files that mean harm', () => {
  for (const { path, bytes } of SAMPLES) {
    it(`are read to their end where ${path} is cut short`, () => {
      for (const at of cuts(bytes.length)) isPlain(path, bytes.subarray(0, at))
    })

    it(`are read to their end where bytes of ${path} are others`, () => {
      const next = numbersFrom(bytes.length)
      for (let round = 0; round < 300; round++) {
        const changed = Buffer.from(bytes)
        for (let i = 0; i < 1 + (round % 4); i++)
          // Where the structure is: mostly at the start.
          changed[next() % (round % 2 === 0 ? Math.min(512, changed.length) : changed.length)] = next()
        isPlain(path, changed)
      }
    })

    it(`are read to their end where numbers of ${path} are as large as can be`, () => {
      for (let at = 0; at + 4 <= Math.min(bytes.length, 2048); at += 2) {
        const changed = Buffer.from(bytes)
        changed.fill(0xff, at, at + 4)
        isPlain(path, changed)
      }
    })
  }

  it('do not have pages in a circle followed for ever', () => {
    const database = Buffer.from(SAMPLES.find(({ path }) => path === 'var/lib/rpm/rpmdb.sqlite')?.bytes ?? '')
    // The second page becomes one that has itself below it.
    database[4096] = 5
    database.writeUInt32BE(2, 4096 + 8)
    database.writeUInt16BE(0, 4096 + 3)
    expect(packagesIn({ 'var/lib/rpm/rpmdb.sqlite': database }).notes[0]?.message).to.match(/in a circle/)
  })

  it('do not get more memory than an archive says that it needs, nor archives within archives without end', () => {
    let zip = madeZip({ 'META-INF/MANIFEST.MF': 'Implementation-Version: 1\n' })
    for (let i = 0; i < 20; i++) zip = madeZip({ 'inner.jar': zip })
    expect(packagesIn({ 'a.jar': zip }).packages).to.deep.equal([])
    const bomb = madeZip({ 'META-INF/MANIFEST.MF': Buffer.alloc(8 * 1024 * 1024) })
    expect(packagesIn({ 'b.jar': bomb }).notes).to.have.lengthOf(1)
  })

  it('do not have the same record read again and again', () => {
    const path = 'usr/lib/sysimage/rpm/Packages.db'
    const database = Buffer.from(SAMPLES.find((sample) => sample.path === path)?.bytes ?? '')
    const first = database.subarray(32, 48)
    for (let at = 48; at < 4096; at += 16) database.set(first, at)
    expect(packagesIn({ [path]: database }).notes[0]?.message).to.match(/longer than the file/)
  })

  it('do not have a long folder joined with every name in it', () => {
    const files = Array.from({ length: 200_000 }, (_, i) => `${i}.gemspec`)
    const blob = rpmHeaderBlob({
      name: 'a',
      version: '1',
      release: '1',
      folder: `/${'d'.repeat(1_000_000)}/`,
      files,
    })
    expect(packagesIn({ 'usr/lib/sysimage/rpm/Packages.db': ndbDatabase([blob]) }).packages).to.have.lengthOf(
      1,
    )
  })

  it('cannot name more packages than are kept, nor names without end', () => {
    const long = `Package: ${'x'.repeat(5000)}\nVersion: 1\n\nPackage: y\nVersion: 1\n`
    expect(packagesIn({ 'var/lib/dpkg/status': long }).packages.map(({ name }) => name)).to.deep.equal(['y'])
    const many = Array.from({ length: 200_001 }, (_, i) => `Package: p${i}\nVersion: 1\n`).join('\n')
    const { packages, notes } = packagesIn({ 'var/lib/dpkg/status': many })
    expect(packages).to.have.lengthOf(200_000)
    expect(notes[0]?.message).to.match(/more than 200000 packages/)
  })

  it('cannot put lines of their own into a table', () => {
    const [facts] = factsOf('app/package.json', '{"name":"a\\n\\u001b[31mb","version":"1.0\\r\\n2"}')
    expect(facts?.packages?.[0]).to.include({ name: 'a \u001b[31mb', version: '1.0 2' })
  })
})
