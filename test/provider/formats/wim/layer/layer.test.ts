import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { find, inspect, install, save, verify } from '../../../../../provider/index.js'
import { describeWithPeers, peer, runPeer } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { listTree, makeTree, noise, programBytes, type SourceFile } from '../source-tree.js'
import { wimlib, wimlibDir } from '../wimlib.js'
import { installWim } from './installed-layer.js'
import { readTar, type TarMember } from './read-tar.js'

const WINDOWS = [
  ['ARCH', '9'],
  ['EDITIONID', 'ServerDatacenterNano'],
  ['VERSION/MAJOR', '10'],
  ['VERSION/MINOR', '0'],
  ['VERSION/BUILD', '14300'],
  ['VERSION/SPBUILD', '1010'],
].map(([key, value]) => `--image-property=WINDOWS/${key}=${value}`)

const FORMS: [title: string, options: string[]][] = [
  ['not compressed', ['--compress=none']],
  ['XPRESS', ['--compress=XPRESS']],
  ['LZX, small chunks', ['--compress=LZX:20', '--chunk-size=32768']],
  ['LZMS', ['--compress=LZMS:20']],
  ['solid LZMS', ['--solid', '--solid-compress=LZMS:20']],
  ['solid XPRESS, small chunks', ['--solid', '--solid-compress=XPRESS', '--solid-chunk-size=32768']],
  ['pipable', ['--pipable', '--compress=XPRESS']],
]

describeWithPeers(['wimlib-imagex'], 'installing WIMs that wimlib captured', () => {
  const folders = scratch()
  let folder = ''
  let tree = ''
  let source: Map<string, SourceFile>
  let wim = ''
  let store = ''

  before(async () => {
    folder = folders.folder()
    tree = path.join(folder, 'tree')
    await makeTree(tree, { system: 600_000, program: 1 << 20 })
    // The same content under two names that are no hard links, small and large.
    await writeFile(path.join(tree, 'same 1'), noise(5000))
    await writeFile(path.join(tree, 'same 2'), noise(5000))
    await writeFile(path.join(tree, 'large 1'), noise(400_000))
    await writeFile(path.join(tree, 'large 2'), noise(400_000))
    source = await listTree(tree)
    wim = path.join(folder, 'NanoServer.wim')
    wimlib('capture', tree, wim, 'NanoServer', 'A description', '--compress=XPRESS', '--norpfix', ...WINDOWS)
    store = path.join(folder, 'store')
  })
  after(() => folders.remove())

  for (const [title, options] of FORMS)
    it(`gives GNU tar the tree back: ${title}`, async () => {
      const file = path.join(folder, 'form.wim')
      wimlib('capture', tree, file, 'form', '--norpfix', ...WINDOWS, ...options)
      const { layer } = await installWim(file, path.join(folder, 'forms'))
      await expectTree(layer, path.join(folder, 'out'), source)
    })

  it('gives GNU tar the tree back: split', async () => {
    wimlib('split', wim, path.join(folder, 'part.swm'), '1')
    const { layer } = await installWim(path.join(folder, 'part2.swm'), path.join(folder, 'forms'))
    await expectTree(layer, path.join(folder, 'out'), source)
  })

  it('takes name, version and platform from the XML data, and is read by skopeo', async () => {
    const { fullName, config, digest } = await installWim(wim, store)
    expect(fullName).to.equal('CN=Microsoft_NanoServer_10.0.14300.1010')
    expect(config).to.include({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' })
    expect(config).not.to.have.property('os.features')
    expect(config.history).to.have.length(1)
    if (!peer('skopeo')) return
    for (const tag of ['latest', '10.0.14300.1010']) {
      const seen = JSON.parse(runPeer('skopeo', ['inspect', `oci:${store}:nanoserver:${tag}`]))
      expect(seen).to.include({ Digest: digest, Os: 'windows' })
    }
  })

  it('gives the same digest every time, and does not expand again what is there', async () => {
    const { digest } = await installWim(wim, store)
    const other = path.join(folder, 'other')
    await copyFile(wim, path.join(folder, 'renamed'))
    expect((await installWim(path.join(folder, 'renamed'), other)).digest).to.equal(digest)
    const tasks: string[] = []
    const again = await install({
      targets: [wim],
      store,
      onProgress: (event) => event.type === 'begin' && tasks.push(event.task),
    })
    expect(again).to.deep.include({ copiedBytes: 0, alreadyThere: [digest] })
    expect(tasks.filter((task) => task.startsWith('Expanding'))).to.deep.equal([])
  })

  it('compresses the layer with gzip, the same each time', async () => {
    const first = await installWim(wim, path.join(folder, 'gzip 1'), { compress: 'gzip' })
    const second = await installWim(wim, path.join(folder, 'gzip 2'), { compress: 'gzip' })
    expect(second.digest).to.equal(first.digest)
    const plain = await installWim(wim, store)
    expect(gunzipSync(readFileSync(first.layer)).equals(readFileSync(plain.layer))).to.equal(true)
    expect(first.config.rootfs).to.deep.equal(plain.config.rootfs)
    expect(filesIn(path.join(folder, 'gzip 1/ingest'))).to.deep.equal([])
    if (peer('skopeo'))
      runPeer('skopeo', ['copy', '-q', `oci:${folder}/gzip 1:nanoserver:latest`, `dir:${folder}/copied`])
  })

  it('expands again where the layer is gone', async () => {
    const { layer } = await installWim(wim, store)
    await rm(layer, { force: true })
    await installWim(wim, store)
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('writes the records that wimlib shows', async () => {
    const { layer } = await installWim(wim, store)
    const members = new Map(readTar(layer).map((member) => [member.name.replace(/\/$/, ''), member]))
    const theirs = wimlibDir(wim, 1)
    expect(members.size).to.equal(theirs.size)
    for (const [at, entry] of theirs) {
      const member = members.get(`Files${at === '/' ? '' : at}`)
      const { records } = member as TarMember
      expect(Number(records['MSWINDOWS.fileattr']), at).to.equal(entry.attributes)
      expect(Math.floor(Number(records['LIBARCHIVE.creationtime'])), at).to.equal(entry.createdAt)
      expect(Math.floor(Number(records.mtime)), at).to.equal(entry.writtenAt)
      expect(Math.floor(Number(records.atime)), at).to.equal(entry.accessedAt)
    }
  })

  it('orders parents before what is in them, and targets before hard links', async () => {
    const { layer } = await installWim(wim, store)
    const seen = new Set<string>()
    for (const { name, type, link, mode } of readTar(layer)) {
      const plain = name.replace(/\/$/, '')
      if (plain.includes('/')) expect(seen.has(path.posix.dirname(plain)), name).to.equal(true)
      if (type === '1')
        expect({ there: seen.has(link), mode }, name).to.deep.equal({ there: true, mode: 0o644 })
      seen.add(plain)
    }
  })

  it('makes a second image the utility VM, and asks for --index among three', async () => {
    const file = path.join(folder, 'two.wim')
    const second = path.join(folder, 'second')
    await mkdir(second)
    await writeFile(path.join(second, 'boot'), 'boot')
    wimlib('capture', path.join(tree, 'bin'), file, 'Server', '--compress=XPRESS', ...WINDOWS)
    wimlib('append', second, file, 'UVM')
    const two = await installWim(file, path.join(folder, 'two'))
    const names = readTar(two.layer).map((member) => member.name)
    expect(names).to.include.members([
      'Files/program',
      'UtilityVM',
      'UtilityVM/Files',
      'UtilityVM/Files/boot',
    ])
    wimlib('append', second, file, 'third', ...WINDOWS)
    const error = await install({ targets: [file], store }).catch((reason) => reason)
    expect(error).to.include({ code: 'USAGE' })
    expect(error.message).to.contain('contains an unexpected number of images (3)')
    const third = await installWim(file, path.join(folder, 'three'), { index: '3' })
    expect(third.name).to.equal('third')
    expect(readTar(third.layer).map((member) => member.name)).to.deep.equal(['Files', 'Files/boot'])
    const { images } = await find({ source: await only(file, path.join(folder, 'three wims')) })
    expect(images.map((image) => image.name).sort()).to.deep.equal(['Server', 'third'])
  })

  it('says win32k of all but Nano Server', async () => {
    const file = path.join(folder, 'core.wim')
    const facts = WINDOWS.map((one) => one.replace('Nano', ''))
    wimlib('capture', path.join(tree, 'bin'), file, 'WindowsServerCore', '--compress=XPRESS', ...facts)
    const { config } = await installWim(file, path.join(folder, 'core'))
    expect(config['os.features']).to.deep.equal(['win32k'])
  })

  it('refuses names with a colon, which would be streams of other files', async () => {
    const bad = path.join(folder, 'colon')
    await mkdir(bad)
    await writeFile(path.join(bad, 'file'), 'seen')
    await writeFile(path.join(bad, 'file:stream'), 'hidden')
    wimlib('capture', bad, path.join(folder, 'colon.wim'), 'colon', ...WINDOWS)
    const error = await install({ targets: [path.join(folder, 'colon.wim')], store }).catch(
      (reason) => reason,
    )
    expect(error.code).to.equal('UNSAFE_NAME')
    expect(error.message).to.contain('file:stream has a colon in its name')
  })

  it('refuses names that differ only in case', async () => {
    const bad = path.join(folder, 'case')
    mkdirSync(bad)
    writeFileSync(path.join(bad, 'name'), '1')
    writeFileSync(path.join(bad, 'NAME'), '2')
    wimlib('capture', bad, path.join(folder, 'case.wim'), 'case', ...WINDOWS)
    const error = await install({ targets: [path.join(folder, 'case.wim')], store }).catch((reason) => reason)
    expect(error).to.include({ code: 'UNSAFE_NAME' })
    expect(error.message).to.contain('differ only in case')
  })

  for (const options of [WINDOWS, ['--unix-data']])
    it(`leaves out what a layer would take for a whiteout: ${options.length > 1 ? 'Windows' : 'Linux'}`, async () => {
      const bad = path.join(folder, `whiteouts ${options.length}`)
      mkdirSync(path.join(bad, '.wh.folder/inside'), { recursive: true })
      for (const name of ['kept', '.wh...', '.wh..wh..opq', '.wh.kept', '.wh.folder/file'])
        writeFileSync(path.join(bad, name), name)
      const file = `${bad}.wim`
      wimlib('capture', bad, file, 'whiteouts', '--compress=XPRESS', ...options)
      const request = { name: 'whiteouts', version: '1.0', platform: 'linux/amd64' }
      const named = options === WINDOWS ? {} : request
      const error = await install({ targets: [file], store, ...named }).catch((reason) => reason)
      expect(error).to.include({ code: 'ARCHIVE_UNKNOWN' })
      expect(error.message).to.match(/\.wh\..* named as layers name what is gone/)
      const { layer } = await installWim(file, store, { ...named, skipUnsupported: true })
      const names = (await readTar(layer)).map(({ name }) => name)
      expect(names.filter((name) => name.includes('.wh.'))).to.deep.equal([])
      expect(names.some((name) => /(^|\/)kept$/.test(name))).to.equal(true)
    })

  for (const [title, damage, code] of [
    ['cut short', (file: string) => truncateSync(file, lstatSync(file).size - 1000), 'ARCHIVE_INVALID'],
    [
      'with a bit flipped in a chunk',
      (file: string) => flip(file, 300_000),
      'DIGEST_MISMATCH ARCHIVE_INVALID',
    ],
    ['with a bit flipped in the header', (file: string) => flip(file, 0x32), 'ARCHIVE_INVALID'],
  ] as const)
    it(`leaves the store as it was after a WIM ${title}`, async () => {
      const bad = path.join(folder, 'bad.wim')
      const empty = path.join(folder, `store after ${title}`)
      await copyFile(wim, bad)
      damage(bad)
      const error = await install({ targets: [bad], store: empty }).catch((reason) => reason)
      expect(code).to.contain(error.code)
      expect(error.message).to.contain('bad.wim')
      expect(filesIn(empty).filter((name) => !/^(oci-layout|index\.json)$/.test(name))).to.deep.equal([])
    })

  it('finds, inspects, verifies and saves a WIM without expanding it', async () => {
    const place = await only(wim, path.join(folder, 'source'))
    const { images } = await find({ source: place })
    expect(images).to.have.length(1)
    expect(images[0]).to.include({ name: 'NanoServer', version: '10.0.14300.1010', summary: 'A description' })
    const [seen] = await inspect({ names: [wim], store })
    expect(seen).to.deep.include({ format: 'WIM', compression: 'XPRESS', chunkSize: 32768 })
    expect(seen && 'images' in seen ? seen.images[0] : undefined).to.include({
      name: 'NanoServer',
      edition: 'ServerDatacenterNano',
      architecture: 'amd64',
      build: '14300',
    })
    expect(await verify({ paths: [wim] })).to.include({ ok: true })
    const usb = path.join(folder, 'usb')
    await mkdir(usb)
    const nowhere = path.join(folder, 'nowhere')
    const saved = await save({ names: ['NanoServer'], source: place, path: usb, store: nowhere })
    const file = path.join(usb, 'NanoServer-10-0-14300-1010.wim')
    expect(saved.files).to.deep.equal([{ path: file, size: lstatSync(wim).size, sha256: sha256(wim) }])
    expect(readFileSync(file).equals(readFileSync(wim))).to.equal(true)
    const again = await save({ names: ['NanoServer'], source: place, path: usb, store: nowhere })
    expect(again).to.include({ fetchedBytes: 0 })
    expect(filesIn(nowhere)).to.deep.equal([])
  })

  it('names what is wrong with a WIM that it verifies', async () => {
    const bad = path.join(folder, 'bad.wim')
    await copyFile(wim, bad)
    flip(bad, 300_000)
    const report = await verify({ paths: [bad] })
    expect(report.ok).to.equal(false)
    expect(report.problems[0]?.path).to.equal(bad)
  })

  it('installs and saves what an index names, with its hash checked', async () => {
    const place = await only(wim, path.join(folder, 'indexed'))
    const index = path.join(place, 'index.json')
    const entry = {
      ...{ name: 'nanoserver', version: '10.0.14300.1010', os: 'windows', architecture: 'amd64' },
      ...{ summary: 's', url: 'NanoServer.wim', sha256: sha256(wim), size: lstatSync(wim).size },
    }
    writeFileSync(index, JSON.stringify({ schemaVersion: 1, images: [entry] }))
    const platform = 'windows/amd64'
    const indexed = path.join(folder, 'indexed store')
    const result = await install({ targets: ['nanoserver'], source: index, store: indexed, platform })
    expect(result.images[0]?.digest).to.equal((await installWim(wim, store)).digest)
    flip(path.join(place, 'NanoServer.wim'), 300_000)
    for (const verb of [
      () => install({ targets: ['nanoserver'], source: index, store: indexed, platform }),
      () => save({ names: ['nanoserver'], source: index, path: place, force: true, platform }),
    ])
      expect(await verb().catch((reason) => reason)).to.include({ code: 'DIGEST_MISMATCH' })
    expect(readdirSync(place).sort()).to.deep.equal(['NanoServer.wim', 'index.json'])
  })

  it('says what it would install, and makes nothing', async () => {
    const nowhere = path.join(folder, 'what if')
    const result = await install({ targets: [wim], store: nowhere, whatIf: true })
    expect(result.images[0]).to.include({ name: 'NanoServer', version: '10.0.14300.1010' })
    expect(filesIn(nowhere)).to.deep.equal([])
  })
})

describeWithPeers(['wimlib-imagex'], 'installing a Linux tree from a WIM', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('keeps owner, mode, links, devices and times', async function () {
    if (process.getuid?.() !== 0) this.skip()
    const folder = folders.folder()
    const tree = path.join(folder, 'tree')
    await makeTree(tree, { system: 300_000, program: 100_000 })
    mkdirSync(path.join(tree, 'etc'))
    writeFileSync(path.join(tree, 'etc/os-release'), 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')
    writeFileSync(path.join(tree, 'suid'), programBytes(1000), { mode: 0o755 })
    chownSync(path.join(tree, 'suid'), 70_000, 3_000_000)
    run('chmod', '4711', path.join(tree, 'suid'))
    run('mkfifo', path.join(tree, 'fifo'))
    run('mknod', path.join(tree, 'null'), 'c', '1', '3')
    run('mknod', path.join(tree, 'disk'), 'b', '259', '70000')
    run('ln', '-s', '/etc/os-release', path.join(tree, 'absolute'))
    const file = path.join(folder, 'x.wim')
    wimlib('capture', tree, file, 'debian', '--unix-data', '--norpfix', '--compress=XPRESS')
    const store = path.join(folder, 'store')
    const { layer, config, fullName } = await installWim(file, store)
    expect(fullName).to.equal('CN=Debian_debian_12')
    expect(config).to.include({ os: 'linux', architecture: 'amd64' })
    const out = path.join(folder, 'out')
    mkdirSync(out)
    run('tar', '-xpf', layer, '--numeric-owner', DIRECTORIES_LAST, '-C', out)
    expect(shown(out)).to.equal(shown(tree))
    if (!peer('umoci') || !peer('skopeo')) return
    const bundle = path.join(folder, 'bundle')
    runPeer('skopeo', ['copy', '-q', `oci:${store}:debian:12`, `oci:${path.join(folder, 'copy')}:12`])
    runPeer('umoci', ['unpack', '--image', `${path.join(folder, 'copy')}:12`, bundle])
    expect(shown(path.join(bundle, 'rootfs'))).to.equal(shown(tree))
  })
})

/** Files stand in the order of their bytes in the WIM: GNU tar must not give a folder its time too early. */
const DIRECTORIES_LAST = '--delay-directory-restore'

/** Everything that find(1) tells of a tree, a line a name; times to the 100 ns that a WIM has. */
function shown(tree: string): string {
  const format = '%P %y %m %U %G %T@ %l %n\\n'
  const lines = run('find', tree, '-printf', format)
    .replaceAll(/(\.\d{7})\d+/g, '$1')
    .split('\n')
  const devices = run('find', tree, '-type', 'c,b', '-exec', 'stat', '-c', '%n %t %T', '{}', ';')
  const content = run('find', tree, '-type', 'f', '-exec', 'sha256sum', '{}', '+')
  return [...lines.sort(), ...[...devices.split('\n'), ...content.split('\n')].sort()]
    .join('\n')
    .replaceAll(tree, '')
}

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout.toString('utf8')
}

async function expectTree(layer: string, out: string, source: Map<string, SourceFile>): Promise<void> {
  await rm(out, { recursive: true, force: true })
  mkdirSync(out)
  run('tar', '-xf', layer, '-C', out, DIRECTORIES_LAST, '--warning=no-unknown-keyword')
  const found = await listTree(path.join(out, 'Files'))
  const group = (tree: Map<string, SourceFile>, name: string) =>
    [...tree.values()].filter((one) => one.linkedTo === name).map((one) => one.path)
  expect([...found.keys()].sort()).to.deep.equal([...source.keys()].sort())
  for (const [at, file] of source) {
    const other = found.get(at) as SourceFile
    expect({ ...other, linkedTo: 0, target: 0 }, at).to.deep.equal({ ...file, linkedTo: 0, target: 0 })
    // Of absolute and relative targets the layer keeps the spelling of Windows.
    expect(other.target?.replaceAll('\\', '/'), at).to.equal(file.target)
    if (file.linkedTo !== undefined)
      expect(group(found, other.linkedTo ?? '').sort(), at).to.deep.equal(group(source, file.linkedTo).sort())
  }
}

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file)
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x10
  writeFileSync(file, bytes)
}

/** A folder that holds this file alone. */
async function only(file: string, folder: string): Promise<string> {
  await mkdir(folder)
  await copyFile(file, path.join(folder, path.basename(file)))
  return folder
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
