import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, digestOf, parseMediaList, parseSums } from '../../../../manifests/index.js'
import { listedFiles } from '../../../../provider/formats/media/page/files.js'
import { page } from '../../../../provider/formats/media/page/page.js'
import { install, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { filesIn } from '../../verbs/on-disk.js'

const LISTS = ['media.json', 'SHA256SUMS', 'index.html'] as const

describe('a media whose lists are not all there', () => {
  const temporary = scratch()
  let layout: string
  let stick: string
  let store: string

  beforeEach(async () => {
    const folder = temporary.folder()
    layout = path.join(folder, 'layout')
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
    makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { file: 50_000 } }] }])
    await save({ names: [layout], path: stick, format: 'media', withTool: true })
  })
  afterEach(() => temporary.remove())

  const at = (name: string): string => path.join(stick, name)

  async function problems(place = stick): Promise<string[]> {
    const { ok, problems: found } = await verify({ paths: [place] })
    expect(ok).to.equal(found.length === 0)
    return found.map(({ code, path: name }) => `${code} ${name}`).sort()
  }

  function removeAllBut(...kept: string[]): void {
    for (const name of LISTS) if (!kept.includes(name)) rmSync(at(name))
  }

  /** A page that was changed, a program that starts by itself, and one that was exchanged. */
  function tamper(): void {
    if (existsSync(at('index.html'))) writeFileSync(at('index.html'), `${readFileSync(at('index.html'))} `)
    writeFileSync(at('autorun.inf'), '[autorun]')
    writeFileSync(at('containerimage.mjs'), 'another')
  }

  it('is told of each that is missing, where nothing else is wrong', async () => {
    for (const name of LISTS) {
      const bytes = readFileSync(at(name))
      rmSync(at(name))
      expect(await problems()).to.deep.equal([`FILE_MISSING ${name}`])
      writeFileSync(at(name), bytes)
    }
    expect(await problems()).to.deep.equal([])
  })

  it('is compared with media.json alone', async () => {
    removeAllBut('media.json')
    tamper()
    expect(await problems()).to.deep.equal([
      'FILE_CHANGED containerimage.mjs',
      'FILE_EXTRA autorun.inf',
      'FILE_MISSING SHA256SUMS',
      'FILE_MISSING index.html',
    ])
  })

  it('is compared with SHA256SUMS alone', async () => {
    removeAllBut('SHA256SUMS', 'index.html')
    tamper()
    expect(await problems()).to.deep.equal([
      'FILE_CHANGED containerimage.mjs',
      'FILE_CHANGED index.html',
      'FILE_EXTRA autorun.inf',
      'FILE_MISSING media.json',
    ])
  })

  it('is compared with the page alone', async () => {
    removeAllBut('index.html')
    tamper()
    rmSync(at('oci-layout'))
    writeFileSync(at('oci-layout'), '{ "imageLayoutVersion": "1.0.0" }')
    expect(await problems()).to.deep.equal([
      'FILE_CHANGED containerimage.mjs',
      'FILE_CHANGED oci-layout',
      'FILE_EXTRA autorun.inf',
      'FILE_MISSING SHA256SUMS',
      'FILE_MISSING media.json',
    ])
  })

  it('is known by its index alone: then nothing beside the images is of it', async () => {
    removeAllBut()
    tamper()
    const found = await problems()
    expect(found).to.include.members(LISTS.map((name) => `FILE_MISSING ${name}`))
    expect(found).to.include.members(['FILE_EXTRA autorun.inf', 'FILE_EXTRA containerimage.mjs'])
    expect(found.filter((one) => /blobs|index\.json|oci-layout/.test(one))).to.deep.equal([])
  })

  it('is compared also where it has what a store notes', async () => {
    writeFileSync(at('checked.json'), '{"checkedVersion":1,"blobs":{}}')
    writeFileSync(at('index.html'), 'another')
    expect(await problems()).to.deep.equal(['FILE_CHANGED index.html', 'FILE_EXTRA checked.json'])
  })

  it('is compared where the layout cannot be opened, with its blobs', async () => {
    const [blob = ''] = readdirSync(at('blobs/sha256'))
    rmSync(at(`blobs/sha256/${blob}`))
    rmSync(at('index.json'))
    expect(await problems()).to.deep.equal([
      `ARCHIVE_UNKNOWN ${stick}`,
      `FILE_MISSING blobs/sha256/${blob}`,
      'FILE_MISSING index.json',
    ])
    removeAllBut('SHA256SUMS')
    const [other = ''] = readdirSync(at('blobs/sha256'))
    const bytes = readFileSync(at(`blobs/sha256/${other}`))
    rmSync(at(`blobs/sha256/${other}`))
    writeFileSync(at(`blobs/sha256/${other}`), Buffer.alloc(bytes.length))
    expect(await problems()).to.include(`FILE_CHANGED blobs/sha256/${other}`)
  })

  it('is told where the list was made anew over what was put there, and the sums were not', async () => {
    tamper()
    const list = parseMediaList(readFileSync(at('media.json')))
    const relisted = ['autorun.inf', 'containerimage.mjs', 'index.html']
    const files = list.files.filter(({ path: name }) => !relisted.includes(name))
    for (const name of relisted) {
      const bytes = readFileSync(at(name))
      files.push({ path: name, size: bytes.length, sha256: digestOf(bytes).slice(7) })
    }
    writeFileSync(at('media.json'), `${JSON.stringify({ ...list, files }, undefined, 2)}\n`)
    expect(await problems()).to.deep.equal([
      'FILE_CHANGED SHA256SUMS',
      'FILE_CHANGED containerimage.mjs',
      'FILE_CHANGED index.html',
    ])
  })

  const KINDS: Record<string, (file: string) => void> = {
    'a folder': (file) => mkdirSync(file),
    'a link': (file) => {
      renameSync(file, `${stick}-other`)
      symlinkSync(`${stick}-other`, file)
    },
    'a pipe': (file) => spawnSync('mkfifo', [file]),
    'a device': (file) => symlinkSync('/dev/zero', file),
  }
  const isWindows = process.platform === 'win32'
  const kinds = Object.entries(KINDS).filter(([kind]) => !isWindows || kind === 'a folder')
  for (const [kind, put] of kinds)
    for (const name of ['media.json', 'SHA256SUMS'])
      it(`is compared with what is left where ${kind} has the name ${name}, and nobody waits for it`, async () => {
        if (kind !== 'a link') rmSync(at(name))
        put(at(name))
        tamper()
        const found = await problems()
        expect(found).to.include.members([
          `FILE_CHANGED ${name}`,
          'FILE_CHANGED index.html',
          'FILE_EXTRA autorun.inf',
        ])
        const isLink = kind === 'a link' || kind === 'a device'
        const refusal = isLink ? 'UNSAFE_NAME' : 'NOT_A_FILE'
        if (name === 'media.json') await failure(install({ targets: [stick], store }), refusal)
        else expect((await install({ targets: [stick], store })).images).to.have.length(1)
      })

  it('is compared with the sums where the list is none, or has no end', async () => {
    for (const put of [
      () => writeFileSync(at('media.json'), '{"mediaVersion":1'),
      () => writeFileSync(at('media.json'), ''),
      () => truncateSync(at('media.json'), 1 << 30),
    ]) {
      put()
      const found = await problems()
      expect(found).to.have.length(1)
      expect(found[0]).to.match(/^(INVALID_DOCUMENT|DOCUMENT_TOO_LARGE) media\.json$/)
    }
    writeFileSync(at('autorun.inf'), 'x')
    expect(await problems()).to.include('FILE_EXTRA autorun.inf')
  })

  it('is told where the sums are none', async () => {
    for (const text of ['', 'no sums\n', `${'0'.repeat(64)}  ../up\n`, `${'0'.repeat(64)}  /etc/passwd\n`]) {
      writeFileSync(at('SHA256SUMS'), text)
      expect(await problems()).to.deep.equal(['FILE_CHANGED SHA256SUMS'])
    }
  })

  it('is not installed from where the index is not the one that the sums name', async () => {
    rmSync(at('media.json'))
    writeFileSync(at('index.json'), readFileSync(at('index.json'), 'utf8').replace('12.5', '12.9'))
    await failure(install({ targets: [stick], store }), 'FILE_CHANGED')
    expect(filesIn(store)).to.deep.equal({})
  })

  it('is installed from with a word where a list is missing', async () => {
    removeAllBut()
    const notes: string[] = []
    await install({
      targets: [stick],
      store,
      onProgress: (event) => event.type === 'note' && notes.push(event.message),
    })
    for (const name of LISTS) expect(notes.join()).to.contain(`${name} is missing`)
  })

  it('is a media for the next save all the same, which makes it whole', async () => {
    for (const kept of [['SHA256SUMS'], ['index.html'], []]) {
      removeAllBut(...kept)
      await save({ names: [layout], path: stick, withTool: true })
      expect(await problems(), kept.join()).to.deep.equal([])
      expect(readdirSync(stick).filter((name) => name.endsWith('.tar'))).to.deep.equal([])
    }
  })

  it('is none where a layout has a page, or sums, of somebody else', async () => {
    const sum = digestOf(readFileSync(path.join(layout, 'oci-layout'))).slice(7)
    writeFileSync(path.join(layout, 'SHA256SUMS'), `${sum}  oci-layout\n`)
    writeFileSync(path.join(layout, 'index.html'), '<title>Images</title>')
    writeFileSync(path.join(layout, 'README'), 'x')
    expect(await problems(layout)).to.deep.equal([])
  })

  it('leaves no mark in a store by which that would be taken for a media', async () => {
    await install({ targets: [stick], store })
    expect(readFileSync(path.join(store, 'index.json'), 'utf8')).not.to.contain(ANNOTATIONS.saved)
    expect(await problems(store)).to.deep.equal([])
  })

  describeWithPeers(['zip'], 'packed as a whole', () => {
    it('is compared with what is left of its lists', async () => {
      const packed = `${stick}.zip`
      const pack = (): void => {
        rmSync(packed, { force: true })
        spawnSync('sh', ['-c', `cd "${stick}" && zip -q -0 -r -X "${packed}" .`])
      }
      expect(runPeer('zip', ['-v'])).to.contain('Zip')
      pack()
      expect(await problems(packed)).to.deep.equal([])
      rmSync(at('media.json'))
      writeFileSync(at('containerimage.mjs'), 'another')
      pack()
      expect(await problems(packed)).to.deep.equal([
        'FILE_CHANGED containerimage.mjs',
        'FILE_MISSING media.json',
      ])
      rmSync(at('SHA256SUMS'))
      pack()
      expect(await problems(packed)).to.deep.equal([
        'FILE_CHANGED containerimage.mjs',
        'FILE_MISSING SHA256SUMS',
        'FILE_MISSING media.json',
      ])
    })
  })
})

describe('the lists of a media', () => {
  it('say the same in each form, whatever the names', () => {
    const files = ["blobs/sha256/a'b", 'a & b', 'x;y=z', 'ünï'].map((name, i) => ({
      path: name,
      size: i * 1000,
      sha256: digestOf(Buffer.from(name)).slice(7),
    }))
    const bytes = Buffer.concat([...page({ images: [], files, command: 'containerimage' })])
    expect(listedFiles(bytes)).to.deep.equal(files)
    expect(
      parseSums(Buffer.from(files.map((file) => `${file.sha256}  ${file.path}\n`).join(''))),
    ).to.deep.equal(files.map(({ path: name, sha256 }) => ({ path: name, sha256 })))
  })
})
