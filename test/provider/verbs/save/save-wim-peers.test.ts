import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, type SaveRequest, save } from '../../../../provider/index.js'
import { debianRootfs } from '../../../fixtures/debian.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { tar } from '../../../fixtures/tar.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { installWim } from '../../formats/wim/layer/installed-layer.js'
import { readTar } from '../../formats/wim/layer/read-tar.js'
import { linuxFacts, windowsFacts } from '../../formats/wim/layer/tree-facts.js'
import { canMountNtfs, captureNtfs, DESCRIPTOR, NTFS_PEERS } from '../../formats/wim/ntfs-volume.js'
import { makeTree, noise } from '../../formats/wim/source-tree.js'
import { wimlib, wimlibDir } from '../../formats/wim/wimlib.js'
import { filesIn } from '../on-disk.js'
import { WINDOWS_LAYERS } from '../windows-layers.js'

const FORMS: [title: string, wishes: Partial<SaveRequest>][] = [
  ['not compressed', { wimCompress: 'none' }],
  ['XPRESS', {}],
  ['XPRESS, with integrity', { integrity: true }],
  ['LZX, with integrity', { wimCompress: 'lzx', integrity: true }],
  ['split', { splitSize: 2_000_000 }],
  ['LZX, split, with integrity', { wimCompress: 'lzx', integrity: true, splitSize: 1_000_000 }],
  ['not compressed, split', { wimCompress: 'none', splitSize: 4_000_000 }],
]

/** Paths below a folder, with what each is: a hash of its bytes, where a link leads, or a folder. */
function listed(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name)
    const facts = lstatSync(file)
    if (facts.isSymbolicLink()) found[name] = `link to ${readlinkSync(file)}`
    else if (facts.isDirectory()) found[name] = 'folder'
    else found[name] = createHash('sha1').update(readFileSync(file)).digest('hex')
  }
  return found
}

/** Also modes, numbers of names, and times in whole seconds: what wimlib gives back of a Linux tree. */
function described(folder: string): Record<string, string> {
  const found = listed(folder)
  for (const name of Object.keys(found)) {
    const { mode, nlink, uid, gid, mtimeMs } = lstatSync(path.join(folder, name))
    const isFolder = found[name] === 'folder'
    const names = isFolder ? '' : `${nlink} names`
    found[name] += ` ${mode.toString(8)} ${uid}:${gid} ${names} ${Math.floor(mtimeMs / 1000)}`
  }
  return found
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** Has wimlib verify and unpack a WIM, of a split one all parts. */
function applied(files: string[], out: string): string {
  const [first = '', ...others] = files
  const refs = others.length > 0 ? [`--ref=${first.replace(/\.swm$/, '*.swm')}`] : []
  wimlib('verify', first, ...refs)
  mkdirSync(out)
  wimlib('apply', first, '1', out, '--unix-data', ...refs)
  return out
}

/**
 * Has 7-Zip test and unpack a WIM; it finds the parts of a split one by their names. Of a symlink's two unnamed
 * streams it takes the empty one for an alternate stream, in wimlib's files also: those are left out.
 */
function unpacked(files: string[], out: string): string {
  const [first = ''] = files
  runPeer('7zz', ['t', first])
  runPeer('7zz', ['x', '-snld', '-sns-', `-o${out}`, first])
  return out
}

/** 7-Zip makes absolute links lead into the folder to which it unpacks. */
function withRoot(found: Record<string, string>, root: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found).map(([name, text]) => [name, text.replace(`${root}/`, '/')]),
  )
}

describeWithPeers(['wimlib-imagex', '7zz'], 'WIMs of a Linux image, for other programs', () => {
  const folders = scratch()
  let layout = ''
  let tree = ''
  let store = ''

  before(async function () {
    // Owners cannot be given back by anybody else.
    if (process.getuid?.() !== 0) this.skip()
    const folder = folders.folder()
    tree = path.join(folder, 'tree')
    await makeTree(tree, { system: 1_000_000, program: 3 << 20 })
    run('ln', '-s', '/bin/program', path.join(tree, 'absolute'))
    run('chmod', '4751', path.join(tree, 'bin/program'))
    run('chown', '1000:1001', path.join(tree, 'bin/program'))
    const lower = path.join(folder, 'lower.tar')
    run('tar', '-C', tree, '--format=pax', '--numeric-owner', '-cf', lower, '.')
    layout = path.join(folder, 'layout')
    const upper = tar({ name: 'added', bytes: 'added', mtime: 1_500_000_000 }, { name: '.wh.empty folder' })
    addLayered(layout, {
      ...{ name: 'base', version: '1.2.3' },
      layers: [{ tar: readFileSync(lower), form: 'gzip' }, { tar: upper }],
    })
    run('rmdir', path.join(tree, 'empty folder'))
    writeFileSync(path.join(tree, 'added'), 'added')
    run('touch', '-d', '@1500000000', path.join(tree, 'added'))
    run('touch', '-r', path.join(tree, 'bin'), tree)
    store = path.join(folder, 'store')
  })
  after(() => folders.remove())

  for (const [title, wishes] of FORMS)
    it(`are unpacked to the same tree: ${title}`, async () => {
      const folder = folders.folder()
      const saved = await save({ names: [layout], path: path.join(folder, 'a.wim'), store, ...wishes })
      const files = saved.files.map((file) => file.path)
      expect(files.length > 1).to.equal(wishes.splitSize !== undefined)
      expect(described(applied(files, path.join(folder, 'wimlib')))).to.deep.equal(described(tree))
      const out = path.join(folder, '7zz')
      expect(withRoot(listed(unpacked(files, out)), out)).to.deep.equal(listed(tree))
    })
})

describeWithPeers(['wimlib-imagex', '7zz'], 'WIMs of a Windows image, for other programs', () => {
  const folders = scratch()
  after(() => folders.remove())

  for (const [title, wishes] of FORMS.slice(0, 4))
    it(`are whole, and have both images: ${title}`, async () => {
      const folder = folders.folder()
      const layout = path.join(folder, 'layout')
      const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' }
      const layers = [...WINDOWS_LAYERS, [{ name: 'Files/large', bytes: noise(1_000_000) }]]
      addLayered(layout, {
        ...{ name: 'NanoServer', version: '10.0.14300.1010', platform, edition: 'ServerDatacenterNano' },
        layers: layers.map((members) => ({ tar: tar(...members) })),
      })
      const file = path.join(folder, 'a.wim')
      await save({ names: [layout], path: file, store: path.join(folder, 'store'), ...wishes })
      wimlib('verify', file)
      const info = wimlib('info', file)
      for (const words of [
        /Name: +NanoServer\n/,
        /Build: +14300/,
        /Architecture: +x86_64/,
        /Name: +NanoServer UtilityVM/,
      ])
        expect(info).to.match(words)
      expect(wimlib('dir', file, '2').trim().split('\n')).to.deep.equal(['/', '/boot', '/EFI'])
      const explorer = wimlibDir(file, 1).get('/Windows/explorer.exe')
      expect(explorer).to.include({ attributes: 38, securityDescriptor: DESCRIPTOR })
      expect(explorer?.streams.map(({ name }) => name)).to.deep.equal(['', 'Zone.Identifier', 'empty'])
      expect(runPeer('7zz', ['t', file])).to.contain('Everything is Ok')
    })
})

describeWithPeers(['mmdebstrap', 'wimlib-imagex', '7zz'], 'a WIM of a real Debian', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('is whole, and gives the same tree when it is installed again', async () => {
    const rootfs = await debianRootfs()
    const folder = folders.folder()
    const store = path.join(folder, 'store')
    const { files } = await save({ names: [rootfs], path: folder, format: 'wim', store })
    const file = files[0]?.path ?? ''
    wimlib('verify', file)
    runPeer('7zz', ['t', file])
    const { layer, fullName, config } = await installWim(file, store)
    expect(fullName).to.equal('CN=Debian_debian_12')
    expect(config).to.deep.include({
      os: 'linux',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    })
    const found = linuxFacts(readTar(layer))
    const expected = linuxFacts(readTar(rootfs, 'any'))
    expect(Object.keys(found).length).to.be.greaterThan(5000)
    // A tree of thousands would be shown whole where one entry differs.
    const differ = Object.keys({ ...found, ...expected }).filter(
      (name) => JSON.stringify(found[name]) !== JSON.stringify(expected[name]),
    )
    expect(differ.map((name) => [name, found[name], expected[name]])).to.deep.equal([])
  })
})

describeWithPeers(NTFS_PEERS, 'a WIM that wimlib captured from NTFS, saved in another form', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('has the same tree when it is installed', async function () {
    if (!canMountNtfs()) this.skip()
    const folder = folders.folder()
    const version = ['MAJOR=10', 'MINOR=0', 'BUILD=14300', 'SPBUILD=1010']
    const properties = version.map((one) => `--image-property=WINDOWS/VERSION/${one}`)
    const { file } = await captureNtfs(folder, ...properties)
    const again = path.join(folder, 'again.wim')
    const request = { names: [file], path: again, store: path.join(folder, 'store'), skipUnsupported: true }
    await save({ ...request, wimCompress: 'none' })
    const before = await installWim(file, path.join(folder, '1'), { skipUnsupported: true })
    const after = await installWim(again, path.join(folder, '2'))
    expect(after.fullName).to.equal(before.fullName)
    expect(windowsFacts(readTar(after.layer))).to.deep.equal(windowsFacts(readTar(before.layer)))
    wimlib('verify', again)
  })
})

describeWithPeers(['docker-registry', 'skopeo', 'wimlib-imagex'], 'a WIM of an image in a registry', () => {
  const folders = scratch()
  let registry: DockerRegistry
  before(async () => {
    registry = await startDockerRegistry()
  })
  after(async () => {
    await registry?.stop()
    folders.remove()
  })

  it('is made of layers that do not stay in the store, where nothing else needs them', async () => {
    const folder = folders.folder()
    const layout = path.join(folder, 'layout')
    const layers = [
      { tar: tar({ name: 'a', bytes: noise(300_000) }), form: 'gzip' as const },
      { tar: tar({ name: 'b', bytes: 'b' }) },
    ]
    addLayered(layout, { name: 'base', version: '1.2.3', layers })
    const reference = `${registry.host}/team/base:1.2.3`
    runPeer('skopeo', ['copy', '-q', '--dest-tls-verify=false', `oci:${layout}`, `docker://${reference}`])
    const store = path.join(folder, 'store')
    const file = path.join(folder, 'a.wim')
    const saved = await save({ names: [reference], path: file, store, insecure: true })
    expect(saved.fetchedBytes).to.be.greaterThan(300_000)
    expect(filesIn(path.join(store, 'blobs'))).to.deep.equal({})
    wimlib('verify', file)
    expect(wimlib('dir', file).trim().split('\n')).to.deep.equal(['/', '/a', '/b'])
    // What is installed is not fetched again, and stays.
    await install({ targets: [reference], store, insecure: true })
    const blobs = filesIn(path.join(store, 'blobs'))
    const again = await save({ names: [reference], path: file, store, insecure: true, force: true })
    expect(again).to.include({ fetchedBytes: 0 })
    expect(again.files[0]?.sha256).to.equal(saved.files[0]?.sha256)
    expect(filesIn(path.join(store, 'blobs'))).to.deep.equal(blobs)
  })
})
