import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { damageWim, makeWim } from '../fixtures/wim.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const NANO = 'CN=Microsoft_NanoServer_10.0.14300.1010'
const FILE = 'NanoServer-10-0-14300-1010.wim'

describe('the command line with WIMs', () => {
  const folders = scratch()
  let home = ''
  let wim = ''
  let settings: string | undefined

  before(async () => {
    settings = process.env.CONTAINERIMAGE_CONFIG_DIR
    home = folders.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    mkdirSync(path.join(home, 'gallery'))
    wim = path.join(home, 'gallery', FILE)
    await makeWim(wim)
  })
  after(() => {
    if (settings === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
    else process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    folders.remove()
  })
  afterEach(() => {
    for (const name of ['store', 'images', 'usb'])
      rmSync(path.join(home, name), { recursive: true, force: true })
  })

  const store = (): string => path.join(home, 'store')
  const inStore = (...words: string[]): Promise<Ended> => run([...words, '--store', store()])

  /** What is in the store but the two files that every one has. */
  const brought = (): string[] =>
    Object.keys(filesIn(store())).filter((name) => name !== 'oci-layout' && name !== 'index.json')

  it('install by -WimPath, and again by -Force', async () => {
    const install = ['Install-ContainerOSImage', '-WimPath', wim, '--no-progress']
    const first = await inStore(...install, '-Force')
    expect(first).to.include({ code: 0, err: '' })
    expect(first.out).to.contain('Installed NanoServer 10.0.14300.1010 (windows/amd64:10.0.14300.1010)')
    expect(first.out).to.contain(NANO).and.to.contain('nanoserver:latest')
    const same = await inStore(...install)
    expect(same.out).to.contain('was already there; nothing was copied')
    const forced = await inStore(...install, '-Force')
    expect(forced).to.deep.equal(first)
  })

  it('say of a -WimPath that is not there that it is none, and look for no name', async () => {
    for (const file of ['nothere.wim', './nothere.wim', path.join(home, 'nothere.wim')]) {
      const { code, err } = await inStore('Install-ContainerOSImage', '-WimPath', file, '-Force')
      expect(code).to.equal(2)
      expect(err).to.match(/^Error PATH_NOT_FOUND: Cannot find the path ".*nothere\.wim"/)
    }
  })

  it('names file, content and place of damage, ends with 4, and leaves the store as it was', async () => {
    const bad = path.join(home, 'bad.wim')
    await makeWim(bad)
    const { sha1, offset } = await damageWim(bad)
    const { code, out, err } = await inStore(
      'Install-ContainerOSImage',
      '-WimPath',
      bad,
      '-Force',
      '--no-progress',
    )
    expect({ code, out }).to.deep.equal({ code: 4, out: '' })
    expect(err).to.match(/^Error (DIGEST_MISMATCH|ARCHIVE_INVALID): bad\.wim: /)
    expect(err).to.contain(sha1).and.to.contain(`at offset ${offset}`)
    expect(brought()).to.deep.equal([])
  })

  it('ask for --index among three images', async () => {
    const three = path.join(home, 'three.wim')
    await makeWim(three, { images: 3 })
    const { code, err } = await inStore('Install-ContainerOSImage', '-WimPath', three, '-Force')
    expect(code).to.equal(2)
    expect(err)
      .to.contain('"three.wim" contains an unexpected number of images (3).')
      .and.to.contain('--index')
    expect(brought()).to.deep.equal([])
    const second = await inStore('Install-ContainerOSImage', '-WimPath', three, '--index', '2')
    expect(second.out).to.contain('Installed NanoServer2 10.0.14300.1010')
  })

  it('name the part of a split WIM that is missing', async () => {
    const parts = await makeWim(path.join(home, 'parts.swm'), { splitSize: 150_000, size: 100_000 })
    expect(parts.length).to.be.greaterThan(1)
    rmSync(parts[1] ?? '')
    const { code, err } = await inStore('Install-ContainerOSImage', '-WimPath', parts[0] ?? '', '-Force')
    expect(code).to.equal(4)
    expect(err).to.contain(`Part 2 of the ${parts.length} parts of this WIM is missing: parts2.swm.`)
    expect(brought()).to.deep.equal([])
  })

  it('find them in a folder', async () => {
    await makeWim(path.join(home, 'gallery', 'WindowsServerCore.wim'), { name: 'WindowsServerCore' })
    const { code, out } = await run(['Find-ContainerImage', '-Source', path.dirname(wim)])
    const rows = out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))
    expect(code).to.equal(0)
    expect(rows.slice(2, 4)).to.deep.equal([
      ['NanoServer', '10.0.14300.1010'],
      ['WindowsServerCore', '10.0.14300.1010'],
    ])
  })

  it('find and install what a store in a folder holds, as from any layout', async () => {
    const stick = path.join(home, 'stick')
    await run(['install', wim, '--expand', '--store', path.join(stick, 'store')])
    const { out } = await run(['find', '--source', stick])
    expect(out).to.match(/^NanoServer +10\.0\.14300\.1010 /m)
    expect(out.trimEnd().split('\n')).to.have.length(3)
    const { out: installed } = await inStore('install', 'NanoServer', '--source', stick)
    expect(installed).to.contain('Installed NanoServer 10.0.14300.1010')
  })

  it("save and install by name from an index in the original's form, and name the source in what-if", async () => {
    const index = path.join(home, 'gallery', 'index.json')
    const image = { Name: 'NanoServer', Version: '10.0.14300.1010', Description: '', SasToken: FILE }
    writeFileSync(index, JSON.stringify([image]))
    const usb = path.join(home, 'usb')
    mkdirSync(usb)
    await run(['source', 'add', 'gallery', index])
    const saved = await run([
      'Save-ContainerImage',
      '-Name',
      'NanoServer',
      '-Source',
      'gallery',
      '-Path',
      usb,
    ])
    expect(saved.code).to.equal(0)
    // The file's hash is said once: a WIM has no manifest with a digest of its own.
    expect(saved.out.match(/[0-9a-f]{64}/g)).to.have.length(1)
    expect(filesIn(usb)).to.have.all.keys(FILE)
    const far = path.join(usb, 'not', 'there')
    const into = ['Save-ContainerImage', '-Name', 'NanoServer', '-Source', 'gallery', '-Path', far]
    expect((await run(into)).err).to.contain(`Cannot find the path '${far}' because it does not exist.`)
    expect(await run([...into, '-Force'])).to.include({ code: 0 })
    expect(filesIn(far)).to.have.all.keys(FILE)
    const line = ['Install-ContainerImage', '-Name', 'NanoServer', '-Source', 'gallery']
    expect((await inStore(...line, '-WhatIf')).out).to.contain(
      'target "Package NanoServer version 10.0.14300.1010 from gallery"',
    )
    expect(existsSync(store())).to.equal(false)
    expect((await inStore(...line)).out).to.contain(NANO)
  })

  it('say of an uninstall which folder goes with the image', async () => {
    await inStore('install', wim, '--expand')
    const image = path.join(home, 'images', NANO)
    const would = await inStore('Uninstall-ContainerOSImage', '-FullName', NANO, '-WhatIf')
    expect(would.out).to.contain(`Would remove the folder ${image}, `)
    expect(existsSync(image)).to.equal(true)
    const gone = await inStore('Uninstall-ContainerOSImage', '-FullName', NANO, '-Force')
    expect(gone.out).to.contain(`Removed the folder ${image}, `)
    expect(existsSync(image)).to.equal(false)
  })
})
