import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, uninstall, verify } from '../../../../provider/index.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { canMountNtfs, captureNtfs, NTFS_PEERS } from '../../formats/wim/ntfs-volume.js'
import { listTree, makeTree, type SourceFile } from '../../formats/wim/source-tree.js'
import { wimlib } from '../../formats/wim/wimlib.js'

const WINDOWS = ['ARCH=9', 'EDITIONID=ServerDatacenterNano'].concat(
  ['MAJOR=10', 'MINOR=0', 'BUILD=14300', 'SPBUILD=1010'].map((one) => `VERSION/${one}`),
)
const PROPERTIES = WINDOWS.map((one) => `--image-property=WINDOWS/${one}`)
const NAME = 'CN=Microsoft_NanoServer_10.0.14300.1010'
const HIVES = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT']
const PROGRAM = new URL('../../../../cli/containerimage.js', import.meta.url).pathname

describeWithPeers(['wimlib-imagex'], 'laying an image out as the original did', () => {
  const folders = scratch()
  let folder = ''
  let wim = ''
  let source: Map<string, SourceFile>

  before(async () => {
    folder = folders.folder()
    const tree = path.join(folder, 'tree')
    await makeTree(tree, { system: 400_000, program: 1 << 20 })
    const config = path.join(tree, 'Windows/system32/config')
    mkdirSync(config, { recursive: true })
    for (const hive of HIVES) writeFileSync(path.join(config, hive), `hive ${hive}`)
    symlinkSync('Windows/system32', path.join(tree, 'relative'))
    source = await listTree(tree)
    wim = path.join(folder, 'x.wim')
    wimlib('capture', tree, wim, 'NanoServer', '--compress=XPRESS', '--norpfix', ...PROPERTIES)
    const vm = path.join(folder, 'vm')
    mkdirSync(vm)
    writeFileSync(path.join(vm, 'boot'), 'boot')
    wimlib('append', vm, wim, 'UVM')
  })
  after(() => folders.remove())

  it('writes Files, Hives, UtilityVM, version.wcx and metadata.json', async () => {
    const store = path.join(folder, 'one/store')
    const { expanded } = await install({ targets: [wim], store, expand: true })
    const image = path.join(folder, 'one/images', NAME)
    expect(expanded?.[0]).to.include({ path: image, wasThere: false })
    const found = await listTree(path.join(image, 'Files'))
    expect([...found.keys()].sort()).to.deep.equal([...source.keys()].sort())
    for (const [at, file] of source) {
      const { linkedTo, writtenAt, ...same } = found.get(at) as SourceFile
      expect(same, at).to.deep.equal(without(file))
      expect(linkedTo === undefined, at).to.equal(file.linkedTo === undefined)
      // Node gives times as doubles, which hold microseconds.
      expect(Math.abs(Number(writtenAt - file.writtenAt)), at).to.be.lessThan(20)
    }
    expect(readdirSync(path.join(image, 'Hives')).sort()).to.deep.equal([
      'DefaultUser_Base',
      'Sam_Base',
      'Security_Base',
      'Software_Base',
      'System_Base',
    ])
    expect(readFileSync(path.join(image, 'Hives/DefaultUser_Base'), 'utf8')).to.equal('hive DEFAULT')
    expect(readFileSync(path.join(image, 'UtilityVM/Files/boot'), 'utf8')).to.equal('boot')
    expect(readFileSync(path.join(image, 'version.wcx'), 'utf8')).to.equal(
      'BuildNumber=14300\r\nProductName=ServerDatacenterNano\r\n',
    )
    const metadata = JSON.parse(readFileSync(path.join(image, 'metadata.json'), 'utf8'))
    expect(metadata).to.include({ Name: 'NanoServer', Version: '10.0.14300.1010', Path: image })
    expect(metadata).to.include.keys('Size', 'CreatedTime')
    const again = await install({ targets: [wim], store, expand: true })
    expect(again.expanded?.[0]?.wasThere).to.equal(true)
    const bytes = expanded?.[0]?.bytes
    const planned = await uninstall({ store, fullName: NAME, whatIf: true })
    expect(planned.expanded).to.deep.equal([{ path: image, bytes }])
    expect(existsSync(image)).to.equal(true)
    // What an uninstall that was killed had set aside.
    mkdirSync(path.join(folder, 'one/images', `.${NAME}.old`, 'Files'), { recursive: true })
    expect((await uninstall({ store, fullName: NAME })).expanded).to.deep.equal([{ path: image, bytes }])
    expect(readdirSync(path.join(folder, 'one/images'))).to.deep.equal([])
  })

  it('takes a folder without metadata.json for no image', async () => {
    const store = path.join(folder, 'half/store')
    const image = path.join(folder, 'half/images', NAME)
    mkdirSync(path.join(image, 'Files'), { recursive: true })
    const request = { targets: [wim], store, expand: true }
    expect(await install(request).catch((reason) => reason)).to.include({ code: 'FILE_EXISTS' })
    const { expanded } = await install({ ...request, force: true })
    expect(expanded?.[0]?.wasThere).to.equal(false)
    expect(existsSync(path.join(image, 'metadata.json'))).to.equal(true)
  })

  it('leaves no half image when it is killed, and goes on afterwards', async () => {
    const big = path.join(folder, 'big')
    cpSync(path.join(folder, 'tree'), big, { recursive: true, verbatimSymlinks: true })
    for (let i = 0; i < 1500; i++) writeFileSync(path.join(big, `file ${i}`), `${i} `.repeat(4000))
    const file = path.join(folder, 'big.wim')
    wimlib('capture', big, file, 'NanoServer', '--compress=none', '--norpfix', ...PROPERTIES)
    const parent = path.join(folder, 'killed')
    const store = path.join(parent, 'store')
    const image = path.join(parent, 'images', NAME)
    const inIngest = () => names(path.join(store, 'ingest')).some((name) => /^made-[0-9a-f]+$/.test(name))
    const inStaging = () => existsSync(path.join(parent, 'images', `.${NAME}.new`, 'Files'))
    for (const underWay of [inIngest, inStaging]) {
      expect(await killedWhen(underWay, [file, '--store', store, '--expand']), 'killed in time').to.equal(
        true,
      )
      expect(existsSync(image)).to.equal(false)
      expect((await verify({ store })).problems).to.deep.equal([])
    }
    await install({ targets: [file], store, expand: true })
    expect(existsSync(path.join(image, 'metadata.json'))).to.equal(true)
    expect((await listTree(path.join(image, 'Files'))).size).to.equal((await listTree(big)).size)
    expect(names(path.join(parent, 'images'))).to.deep.equal([NAME])
    expect(names(path.join(store, 'ingest'))).to.deep.equal([])
  })
})

describeWithPeers(NTFS_PEERS, 'laying out what only NTFS holds', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('lists what this file system cannot hold', async function () {
    if (!canMountNtfs() || process.platform === 'win32') this.skip()
    const folder = folders.folder()
    const { file } = await captureNtfs(folder, ...PROPERTIES)
    const store = path.join(folder, 'store')
    const request = { targets: [file], store, skipUnsupported: true, expand: true }
    const { expanded } = await install(request)
    const report = readFileSync(expanded?.[0]?.report ?? '', 'utf8')
    for (const line of [
      'Files/sd: security descriptor',
      'Files/attributes: security descriptor; attributes read-only, hidden, system',
      'Files/file.txt: alternate data stream stream of 11 bytes',
      'Files/folder: alternate data stream of the folder of 1 bytes',
      'junction to C:\\target, made as a symlink',
      'Files/Windows/System32/config/SAM: is not in the image',
    ])
      expect(report).to.contain(line)
  })
})

function without({ linkedTo, writtenAt, ...same }: SourceFile): Partial<SourceFile> {
  return same
}

/** Starts an install and kills it as soon as a condition holds; tells whether it was killed. */
async function killedWhen(condition: () => boolean, args: string[]): Promise<boolean> {
  const child = spawn(process.execPath, [PROGRAM, 'install', ...args], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const watch = setInterval(() => condition() && child.kill('SIGKILL'), 1)
  const [, signal] = await exited
  clearInterval(watch)
  return signal === 'SIGKILL'
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
