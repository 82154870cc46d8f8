import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { StoredImage } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { addCosignTag, addReferrer } from '../provider/verbs/signed.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const { folder, remove } = scratch()

describe("docker's habits", () => {
  let home: string
  let settings: string | undefined
  const store = (): string => path.join(home, 'store')
  const inStore = (...words: string[]): Promise<Ended> => run([...words, '--store', store()])
  const rows = async (...words: string[]): Promise<StoredImage[]> =>
    JSON.parse((await inStore('images', '--json', ...words)).out)
  const tags = async (): Promise<string[]> =>
    (await rows()).map(({ repository, tag }) => `${repository}:${tag}`).sort()

  before(() => {
    settings = process.env.CONTAINERIMAGE_CONFIG_DIR
  })
  beforeEach(async () => {
    home = folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    const layout = path.join(home, 'layout')
    makeLayout(layout, [
      { refName: 'debian:12.4', layers: [{ files: { base: 50_000, hard: 'x' } }] },
      { refName: 'debian:12.5', layers: [{ files: { base: 50_000, hard: 'x' } }, { files: { new: 7000 } }] },
    ])
    const { code, err } = await inStore('install', layout, '--no-latest')
    expect(code, err).to.equal(0)
  })
  after(() => {
    if (settings === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
    else process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    remove()
  })

  describe('the sizes that images show', () => {
    it('are what the files of the layers add up to, and beside it what is stored', async () => {
      const [older, newer] = (await rows()).sort((a, b) => a.tag.localeCompare(b.tag))
      expect(older?.unpackedSize).to.equal(50_001)
      expect(newer?.unpackedSize).to.equal(57_001)
      for (const image of [older, newer]) expect(image?.contentSize).to.equal(image?.size)
      expect((await inStore('images')).out).to.match(/12\.5 .* 57kB +\d/)
    })

    it('are known without reading a layer, and not guessed where nobody has measured', async () => {
      const notes = path.join(store(), 'checked.json')
      const kept = readFileSync(notes, 'utf8')
      const { unpacked, ...others } = JSON.parse(kept)
      expect(Object.values(unpacked).sort()).to.deep.equal([50_001, 50_001, 7000])
      writeFileSync(notes, JSON.stringify(others))
      for (const image of await rows()) expect(image).not.to.have.property('unpackedSize')
      expect((await inStore('images')).out).to.match(/12\.5 .* - +\d/)
      expect((await inStore('verify')).code).to.equal(0)
      expect((await rows()).map(({ unpackedSize }) => unpackedSize).sort()).to.deep.equal([50_001, 57_001])
    })
  })

  describe('several names', () => {
    it('are given by tag, as words or as a list', async () => {
      expect((await inStore('tag', 'debian:12.5', 'base:1', 'base:2,site/base')).code).to.equal(0)
      expect(await tags()).to.deep.equal([
        'base:1',
        'base:2',
        'debian:12.4',
        'debian:12.5',
        'site/base:latest',
      ])
    })

    it('are given together or not at all', async () => {
      const { code } = await inStore('tag', 'debian:12.5', 'base:1', 'Not A Name')
      expect(code).to.equal(2)
      expect(await tags()).to.deep.equal(['debian:12.4', 'debian:12.5'])
    })

    it('are one document for programs, as before where it is one name', async () => {
      const one = JSON.parse((await inStore('tag', 'debian:12.5', 'base:1', '--json')).out)
      expect(one).to.include({ tag: 'base:1' })
      const two = JSON.parse((await inStore('untag', 'base:1', 'debian:12.4', '--json')).out)
      expect(two.map(({ tag }: { tag: string }) => tag)).to.deep.equal(['base:1', 'debian:12.4'])
    })

    it('are removed by untag once, however often they are named, and together or not at all', async () => {
      await inStore('tag', 'debian:12.5', 'base:latest')
      expect((await inStore('untag', 'base', 'nothing:1')).code).to.equal(3)
      expect(await tags()).to.include('base:latest')
      expect((await inStore('untag', 'base', 'base:latest')).code).to.equal(0)
      expect(await tags()).to.deep.equal(['debian:12.4', 'debian:12.5'])
    })

    it('are removed by rmi and rm, and images with their last one', async () => {
      await inStore('tag', 'debian:12.4', 'base:1', 'base:2')
      const { out } = await inStore('rmi', '-f', 'base:1,base:2', 'debian:12.5')
      expect(out)
        .to.contain('Untagged base:1')
        .and.contain('Untagged base:2')
        .and.contain('Uninstalled debian 12.5')
      expect(await tags()).to.deep.equal(['debian:12.4'])
      expect((await inStore('rm', 'debian:12.4')).code).to.equal(0)
      expect(await tags()).to.deep.equal([])
    })

    it('are removed together or not at all', async () => {
      expect((await inStore('rmi', 'debian:12.5', 'nothing:1')).code).to.equal(3)
      expect(await tags()).to.deep.equal(['debian:12.4', 'debian:12.5'])
    })
  })

  describe('save -o', () => {
    it('takes what is installed by name, by tag and by id, and asks no source', async () => {
      const [image] = await rows('debian:12.5')
      const id = image?.id ?? ''
      for (const word of [
        'debian:12.5',
        id.slice(7, 19),
        id,
        image?.digest ?? '',
        `debian@${image?.digest}`,
      ]) {
        const file = path.join(home, 'x.tar')
        const { code, err } = await inStore('save', '-o', file, word, '--force', '--no-progress')
        expect(code, `${word}: ${err}`).to.equal(0)
        expect(existsSync(file)).to.equal(true)
        if (word !== 'debian:12.5') expect(err, word).to.equal('')
      }
    })

    it('takes several', async () => {
      const file = path.join(home, 'both.tar')
      const { code, err, out } = await inStore('save', '-o', file, 'debian:12.4', 'debian:12.5', '--json')
      expect(code, err).to.equal(0)
      expect(JSON.parse(out).images).to.have.length(2)
    })
  })

  describe('images', () => {
    it('shows ids alone, each once, also with several short options in one', async () => {
      await inStore('tag', 'debian:12.5', 'base:1')
      const { out } = await inStore('images', '-q')
      expect(out).to.match(/^([0-9a-f]{12}\n){2}$/)
      expect((await inStore('ls', '-aq')).out).to.equal(out)
      expect((await inStore('images', '-q', '--no-trunc')).out).to.match(/^(sha256:[0-9a-f]{64}\n){2}$/)
      expect((await inStore('images', '-qf', 'reference=base')).out).to.match(/^[0-9a-f]{12}\n$/)
    })

    it('shows digests, and nothing shortened', async () => {
      const { out } = await inStore('images', '--digests', '--no-trunc')
      expect(out).to.match(/^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED/)
      expect(out.match(/sha256:[0-9a-f]{64}/g)).to.have.length(4)
    })

    it('leaves what the filters leave', async () => {
      await inStore('tag', 'debian:12.5', 'site/base:1')
      for (const [filters, wanted] of [
        [['reference=base'], ['site/base:1']],
        [
          ['reference=deb*:12.4', 'reference=*base'],
          ['debian:12.4', 'site/base:1'],
        ],
        [['dangling=true'], []],
        [
          ['dangling=false', 'reference=debian'],
          ['debian:12.4', 'debian:12.5'],
        ],
        [['label=nobody'], []],
        [['until=2000-01-01', 'since=debian:12.4'], []],
        [['before=debian:12.4'], []],
      ] as const) {
        const found = await rows(...filters.flatMap((filter) => ['-f', filter]))
        const names = found.map(({ repository, tag }) => `${repository}:${tag}`).sort()
        expect(names, filters.join(' ')).to.deep.equal(wanted)
      }
    })

    it('says which filters there are', async () => {
      for (const filter of ['colour=red', 'dangling', 'dangling=perhaps', 'until=soon']) {
        const { code, err } = await inStore('images', '--filter', filter)
        expect(code, filter).to.equal(2)
        expect(err).to.match(/reference=VALUE|dangling=true|until=24h/)
      }
    })

    it('fills a template, one in columns, and JSON a line', async () => {
      expect((await inStore('images', '--format', '{{.Repository}}:{{ .Tag }}')).out).to.equal(
        'debian:12.4\ndebian:12.5\n',
      )
      expect((await inStore('images', '--format', 'table {{.Tag}}\\t{{.Repository}}')).out).to.equal(
        'TAG    REPOSITORY\n12.4   debian\n12.5   debian\n',
      )
      const { out } = await inStore('images', '--format', 'json')
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).Tag),
      ).to.deep.equal(['12.4', '12.5'])
      expect((await inStore('images', '--format', '{{json .Tag}} {{upper .Name}}')).out).to.equal(
        '"12.4" DEBIAN\n"12.5" DEBIAN\n',
      )
      expect((await inStore('images', '--format', 'table')).out).to.equal((await inStore('images')).out)
    })

    it('says what a template can name', async () => {
      for (const format of ['{{.Colour}}', 'plain', '{{range .}}', '{{.Tag}} {{', '{{json}}']) {
        const { code, err } = await inStore('images', '--format', format)
        expect(code, format).to.equal(2)
        expect(err).to.contain('{{.Repository}} {{.Tag}} {{.ID}}')
      }
    })

    it('shows as a tree what is there for each platform', async () => {
      await inStore('tag', 'debian:12.5', 'base:1')
      const lines = (await inStore('images', '--tree')).out.trimEnd().split('\n')
      expect(lines[0]).to.match(/^IMAGE +ID +SIZE +CONTENT$/)
      expect(lines.filter((line) => line.startsWith('└─ linux/'))).to.have.length(2)
      expect(lines.some((line) => /base:1, debian:12\.5|debian:12\.5, base:1/.test(line))).to.equal(true)
      const [image] = await rows('--tree')
      expect(image?.parts?.[0]).to.include.all.keys([
        'platform',
        'digest',
        'id',
        'unpackedSize',
        'contentSize',
      ])
    })
  })

  it('are known to inspect, with what is in a field, as Go and as JSON', async () => {
    const shown = async (format: string, option = '--format'): Promise<string> =>
      (await inStore('inspect', 'debian:12.5', option, format)).out
    expect(await shown('{{.Os}}/{{.Architecture}} {{.RepoTags}}')).to.equal('linux/amd64 [debian:12.5]\n')
    expect(await shown('{{ .Id }}', '-f')).to.match(/^sha256:[0-9a-f]{64}\n$/)
    const layers = JSON.parse(await shown('{{json .RootFS.Layers}}'))
    expect(layers).to.have.length(2)
    expect(await shown('{{.RootFS.Layers}}')).to.equal(`[${layers.join(' ')}]\n`)
    expect(await shown('{{.Config.Nothing.Within}} {{json .Config.Nothing}}')).to.equal('<no value> null\n')
    expect(await shown('{{.manifest.config.size}}')).to.match(/^\d+\n$/)
    const { out } = await inStore('inspect', 'debian:12.4', 'debian:12.5', '--format', 'json')
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).tags[0]),
    ).to.deep.equal(['debian:12.4', 'debian:12.5'])
    expect(await shown('table {{.Name}}\t{{.Os}}')).to.match(/^NAME +OS\ndebian:12\.5 +linux\n$/)
    const { code, err } = await inStore('inspect', 'debian:12.5', '--format', '{{.__proto__}}')
    expect([code, err.includes('{{.RootFS}}')]).to.deep.equal([2, true])
    expect(await shown('{{.Config.__proto__}} {{.Id.length}}')).to.equal('<no value> <no value>\n')
  })

  it('show in the tree what goes with an image', async () => {
    const layout = path.join(home, 'signed')
    const [image] = makeLayout(layout, [{ refName: 'signed:1', layers: [{ files: { a: 'a' } }] }])
    if (!image) throw new Error('no image')
    addCosignTag(layout, image)
    addReferrer(layout, addReferrer(layout, image))
    await inStore('install', layout, '--no-latest')
    const [row] = (await rows('signed', '--tree')) as [StoredImage]
    expect(row.parts?.map(({ platform, kind }) => platform || kind).sort()).to.deep.equal(
      [
        'SBOM',
        'SBOM',
        'linux/amd64',
        row.parts?.find(({ kind = '' }) => /signature/i.test(kind))?.kind,
      ].sort(),
    )
    const lines = (await inStore('images', 'signed', '--tree')).out.trimEnd().split('\n')
    expect(lines).to.have.length(6)
    expect(lines.filter((line) => line.startsWith('├─'))).to.have.length(3)
    expect(lines.join('\n')).to.match(/─ SBOM +[0-9a-f]{12} +- +\d/)
  })

  it('are known to history, find and search as well', async () => {
    expect((await inStore('history', 'debian:12.5', '--format', '{{.Size}}')).code).to.equal(0)
    const found = await inStore(
      'find',
      '--source',
      path.join(home, 'layout'),
      '--format',
      '{{.Name}} {{.Version}}',
    )
    expect(found.out).to.contain('debian 12.5')
  })

  it('have version as a command, for programs too', async () => {
    const { out } = await run(['version'])
    expect(out).to.match(/^containerimage \d+\.\d+\.\d+\nNode \d+\.\d+\.\d+, \S+ \S+\n$/)
    expect(JSON.parse((await run(['version', '--json'])).out)).to.have.all.keys([
      'version',
      'node',
      'os',
      'architecture',
    ])
    expect(readFileSync('README.md', 'utf8')).to.contain(`    ${out.split('\n')[0]}\n    Node `)
  })
})
