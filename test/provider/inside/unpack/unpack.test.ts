import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { commit, unpack } from '../../../../provider/index.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { helloProgram } from '../../../fixtures/runnable.js'
import { type TarMember, tar } from '../../../fixtures/tar.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { attributes, listing } from './listing.js'

const { folder, remove } = scratch()

/** An OCI layout with one image of these layers, from the lowest up. */
function layout(...layers: TarMember[][]): string {
  const place = path.join(folder(), 'layout')
  addLayered(place, {
    name: 'box',
    version: '1.0',
    layers: layers.map((members, i) => ({ tar: tar(...members), form: i % 2 === 0 ? 'gzip' : 'plain' })),
    config: { config: { Entrypoint: ['/bin/cat'], Cmd: ['/etc/hello'], User: 'app', WorkingDir: '/srv' } },
  })
  return place
}

async function unpacked(image: string, more: Partial<Parameters<typeof unpack>[0]> = {}) {
  const place = path.join(folder(), 'root')
  const result = await unpack({ name: image, folder: place, store: folder(), ...more })
  return { place, result }
}

const root = { name: './', type: '5' as const, mode: 0o755 }

/** Every kind of entry, and every way in which a layer changes those below. */
const EVERY_KIND: TarMember[][] = [
  [
    root,
    { name: 'etc/', type: '5', mode: 0o755, mtime: 1_100_000_000 },
    { name: 'etc/hello', bytes: 'hello\n', mtime: 1_200_000_000.0 },
    { name: 'etc/passwd', bytes: 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n' },
    { name: 'bin/', type: '5', mode: 0o755 },
    { name: 'bin/su', bytes: 'su', mode: 0o4755 },
    { name: 'bin/su2', type: '1', target: 'bin/su' },
    { name: 'tmp/', type: '5', mode: 0o1777 },
    { name: 'closed/', type: '5', mode: 0o500 },
    { name: 'closed/secret', bytes: 'x', mode: 0, uid: 12, gid: 34 },
    { name: 'old/', type: '5', mode: 0o755 },
    { name: 'old/a', bytes: 'a' },
    { name: 'old/b', bytes: 'b' },
    { name: 'opaque/', type: '5', mode: 0o755 },
    { name: 'opaque/below', bytes: 'gone' },
    { name: 'replaced', bytes: 'a file' },
    { name: 'was/', type: '5', mode: 0o755 },
    { name: 'was/in', bytes: 'in a folder' },
    { name: 'link', type: '2', target: '../../etc/hello', uid: 7 },
    { name: 'capable', bytes: 'cap', records: { 'SCHILY.xattr.user.note': Buffer.from([0, 1, 255]) } },
    { name: 'pipe', type: '6', mode: 0o620 },
    { name: 'null', type: '3', device: [1, 3], mode: 0o666, gid: 5 },
  ],
  [
    { name: 'old/.wh.a' },
    { name: 'opaque/.wh..wh..opq' },
    { name: 'opaque/new', bytes: 'new' },
    { name: 'replaced/', type: '5', mode: 0o711 },
    { name: 'replaced/now', bytes: 'a folder' },
    { name: 'was', bytes: 'a file' },
    { name: 'bin/.wh.su' },
    { name: 'hello2', type: '1', target: 'etc/hello' },
  ],
]

describe('unpack', () => {
  afterEach(remove)

  it('makes files, links and folders with what their last layer says, and nothing that a layer took away', async () => {
    const files = EVERY_KIND.map((layer) => layer.filter(({ type }) => type !== '3' && type !== '6'))
    const { place, result } = await unpacked(layout(...files))
    expect(readFileSync(path.join(place, 'etc/hello'), 'utf8')).to.equal('hello\n')
    expect(existsSync(path.join(place, 'old/a')), 'old/a').to.equal(false)
    expect(readdirSync(path.join(place, 'opaque'))).to.deep.equal(['new'])
    expect(readFileSync(path.join(place, 'replaced/now'), 'utf8')).to.equal('a folder')
    expect(readFileSync(path.join(place, 'was'), 'utf8')).to.equal('a file')
    expect(readFileSync(path.join(place, 'bin/su2'), 'utf8')).to.equal('su')
    expect(result).to.include({ image: 'box:1.0', bundle: false })
    expect(result.entries).to.equal(listing(place).length)
  })

  it('refuses a folder that is not empty, and leaves it as it is', async () => {
    const place = folder()
    writeFileSync(path.join(place, 'mine'), 'mine')
    const error = await unpack({ name: layout([root]), folder: place, store: folder() }).catch((e) => e)
    expect(error.code).to.equal('FILE_EXISTS')
    expect(readdirSync(place)).to.deep.equal(['mine'])
  })

  it('replaces links and files with --force, and never goes through what was there', async function () {
    if (process.platform === 'win32') this.skip()
    const outside = folder()
    const place = folder()
    writeFileSync(path.join(outside, 'hello'), 'outside')
    symlinkSync(outside, path.join(place, 'etc'))
    symlinkSync(path.join(outside, 'hello'), path.join(place, 'was'))
    writeFileSync(path.join(place, 'mine'), 'mine')
    const image = layout([
      { name: 'etc/hello', bytes: 'inside' },
      { name: 'was', bytes: 'new' },
    ])
    await unpack({ name: image, folder: place, store: folder(), force: true })
    expect(readFileSync(path.join(outside, 'hello'), 'utf8')).to.equal('outside')
    expect(lstatSync(path.join(place, 'etc')).isDirectory(), 'etc is a folder').to.equal(true)
    expect(readFileSync(path.join(place, 'was'), 'utf8')).to.equal('new')
    expect(readFileSync(path.join(place, 'mine'), 'utf8')).to.equal('mine')
  })

  for (const [what, layers] of [
    [
      'a link and a file below it',
      [
        [
          { name: 'out', type: '2', target: '../outside' },
          { name: 'out/file', bytes: 'evil' },
        ],
      ],
    ],
    [
      'a link of a lower layer',
      [[{ name: 'out', type: '2', target: '/../../outside' }], [{ name: 'out/file', bytes: 'evil' }]],
    ],
    [
      'a chain of links',
      [
        [
          { name: 'a', type: '2', target: 'b' },
          { name: 'b', type: '2', target: '../outside' },
          { name: 'a/file', bytes: 'evil' },
        ],
      ],
    ],
    [
      'a whiteout through a link',
      [[{ name: 'out', type: '2', target: '../outside' }], [{ name: 'out/.wh.keep' }]],
    ],
    [
      'a folder in place of a link',
      [
        [{ name: 'out', type: '2', target: '../outside' }],
        [
          { name: 'out/', type: '5', mode: 0o777 },
          { name: 'out/file', bytes: 'evil' },
        ],
      ],
    ],
    [
      'a hard link to a link',
      [
        [
          { name: 'out', type: '2', target: '../outside/keep' },
          { name: 'two', type: '1', target: 'out' },
          { name: 'two', bytes: 'evil' },
        ],
      ],
    ],
  ] satisfies [string, TarMember[][]][])
    it(`leaves what is outside as it was: ${what}`, async function () {
      if (process.platform === 'win32') this.skip()
      const above = folder()
      mkdirSync(path.join(above, 'outside'))
      writeFileSync(path.join(above, 'outside/keep'), 'kept')
      await unpack({ name: layout(...layers), folder: path.join(above, 'root'), store: folder() })
      expect(listing(path.join(above, 'outside'))).to.have.length(1)
      expect(readFileSync(path.join(above, 'outside/keep'), 'utf8')).to.equal('kept')
    })

  for (const name of ['../evil', 'a/../../evil', 'a/.wh...'])
    it(`refuses the name ${name}, and leaves no folder`, async () => {
      const place = path.join(folder(), 'root')
      const error = await unpack({ name: layout([{ name }]), folder: place, store: folder() }).catch((e) => e)
      expect(error.code).to.equal('UNSAFE_NAME')
      expect(existsSync(place)).to.equal(false)
    })

  it('leaves no folder behind where a layer is damaged', async () => {
    const image = layout([{ name: 'a', bytes: Buffer.alloc(100_000, 'a') }])
    const blobs = path.join(image, 'blobs/sha256')
    for (const name of readdirSync(blobs)) {
      const bytes = readFileSync(path.join(blobs, name))
      if (bytes[0] === 0x1f) writeFileSync(path.join(blobs, name), bytes.fill(0, bytes.length - 4))
    }
    const place = path.join(folder(), 'root')
    const error = await unpack({ name: image, folder: place, store: folder() }).catch((e) => e)
    expect(error.code).to.be.oneOf(['DIGEST_MISMATCH', 'ARCHIVE_INVALID'])
    expect(existsSync(place)).to.equal(false)
  })

  describe('into a folder where a stopped run has begun', () => {
    const MARK = '.containerimage-unpack'

    /** What a run leaves that was killed: some folders, half of a file, the mark. */
    async function begun(image: string, bundle = false): Promise<string> {
      const { place, result } = await unpacked(image, { bundle })
      const root = bundle ? path.join(place, 'rootfs') : place
      writeFileSync(path.join(root, 'etc', 'hello'), 'hel')
      rmSync(path.join(root, 'old'), { recursive: true })
      chmodSync(path.join(root, 'closed'), 0o500)
      writeFileSync(path.join(place, MARK), JSON.stringify({ image: result.digest, bundle }))
      return place
    }

    for (const bundle of [false, true])
      it(`goes on with ${bundle ? 'a bundle' : 'it'}, and leaves what a run makes that nobody stopped`, async function () {
        if (process.platform === 'win32') this.skip()
        const image = layout(...EVERY_KIND)
        const place = await begun(image, bundle)
        await unpack({ name: image, folder: place, store: folder(), bundle })
        const { place: whole } = await unpacked(image, { bundle })
        const rootOf = (folder: string): string => (bundle ? path.join(folder, 'rootfs') : folder)
        expect(listing(rootOf(place))).to.deep.equal(listing(rootOf(whole)))
        expect(readdirSync(place)).to.deep.equal(readdirSync(whole))
      })

    it('refuses another image, or another form of the same one, and commit refuses half of an image', async () => {
      const place = await begun(layout(...EVERY_KIND))
      const before = listing(place)
      const other = layout([root, { name: 'other', bytes: 'other' }])
      await failure(unpack({ name: other, folder: place, store: folder() }), 'FILE_EXISTS')
      await failure(unpack({ name: layout(...EVERY_KIND), folder: place, bundle: true }), 'FILE_EXISTS')
      if (process.platform !== 'win32')
        await failure(
          commit({ path: place, name: 'made:1', from: 'scratch', store: folder() }),
          'FORMAT_UNFIT',
        )
      expect(listing(place)).to.deep.equal(before)
    })

    it('takes no mark from an image, and no link or folder for one', async () => {
      const image = layout([root, { name: MARK, bytes: '{}' }, { name: `${MARK}.lock`, bytes: '{}' }])
      const { place, result } = await unpacked(image)
      expect(readdirSync(place)).to.deep.equal([])
      expect(result.notKept.map((loss) => loss.path)).to.deep.equal([`/${MARK}`, `/${MARK}.lock`])
      mkdirSync(path.join(place, MARK))
      writeFileSync(path.join(place, 'own'), 'own')
      await failure(unpack({ name: image, folder: place, store: folder() }), 'FILE_EXISTS')
      expect(readdirSync(place)).to.have.members([MARK, 'own'])
    })
  })

  it('writes nothing with --what-if, and says how much it would be', async () => {
    const place = path.join(folder(), 'root')
    const image = layout([
      { name: 'a', bytes: 'abc' },
      { name: 'b', type: '1', target: 'a' },
    ])
    const result = await unpack({ name: image, folder: place, store: folder(), whatIf: true })
    expect(result).to.include({ entries: 2, bytes: 3 })
    expect(existsSync(place)).to.equal(false)
  })

  it('never sets an attribute that would be an order to the file system of this host', async () => {
    const { result } = await unpacked(
      layout([{ name: 'a', records: { 'SCHILY.xattr.trusted.overlay.redirect': '/etc' } }]),
    )
    expect(result.notKept.map((one) => one.what).join()).to.match(/trusted\.overlay\.redirect/)
  })

  it('fills the holes of a sparse file with zeros', async () => {
    const map = Buffer.alloc(512)
    map.write('2\n0\n5\n10\n3\n')
    const sparse = (name: string, records: Record<string, string>, bytes: Buffer): TarMember => ({
      name,
      records,
      bytes,
    })
    const { place } = await unpacked(
      layout([
        sparse(
          'GNUSparseFile.0/x',
          {
            'GNU.sparse.major': '1',
            'GNU.sparse.minor': '0',
            'GNU.sparse.name': 'one',
            'GNU.sparse.realsize': '13',
          },
          Buffer.concat([map, Buffer.from('helloend')]),
        ),
        sparse('two', { 'GNU.sparse.map': '2,3,8,1', 'GNU.sparse.size': '9' }, Buffer.from('abcd')),
      ]),
    )
    expect(readFileSync(path.join(place, 'one'), 'latin1')).to.equal('hello\0\0\0\0\0end')
    expect(readFileSync(path.join(place, 'two'), 'latin1')).to.equal('\0\0abc\0\0\0d')
  })
})

describeWithPeers(['umoci', 'setfattr', 'getfattr', 'runc', 'mmdebstrap'], 'unpack, beside its peers', () => {
  afterEach(remove)
  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip()
  })

  it('makes the same as umoci, entry by entry: kinds, modes, owners, times, links, devices, attributes', async () => {
    const image = layout(...EVERY_KIND)
    const index = JSON.parse(readFileSync(path.join(image, 'index.json'), 'utf8'))
    index.manifests[0].annotations['org.opencontainers.image.ref.name'] = '1.0'
    writeFileSync(path.join(image, 'index.json'), JSON.stringify(index))
    const theirs = path.join(folder(), 'bundle')
    runPeer('umoci', ['unpack', '--image', `${image}:1.0`, theirs])
    const { place, result } = await unpacked(image)
    expect(listing(place)).to.deep.equal(listing(path.join(theirs, 'rootfs')))
    expect(attributes(place)).to.equal(attributes(path.join(theirs, 'rootfs')))
    expect(result.notKept).to.deep.equal([])
  })

  it('makes a bundle that a runtime runs, as the user and in the folder that the image says', async () => {
    const program = { name: 'hello', bytes: helloProgram('it runs'), mode: 0o755 }
    const folders = ['etc/', 'proc/', 'sys/', 'dev/', 'srv/'].map((name) => ({
      name,
      type: '5' as const,
      mode: 0o755,
    }))
    const passwd = { name: 'etc/passwd', bytes: 'app:x:1000:1001::/:/bin/sh\n' }
    const place = path.join(folder(), 'bundle')
    const image = layout([...folders, passwd, program])
    await unpack({ name: image, folder: place, store: folder(), bundle: true })
    const file = path.join(place, 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    config.process.args = ['/hello']
    writeFileSync(file, JSON.stringify(config))
    const id = `containerimage-test-${process.pid}`
    expect(runPeer('runc', ['run', '--bundle', place, id]).trim()).to.equal('it runs')
  })

  it('gives an ordinary user all files, and lists what only root can make', () => {
    const place = folder()
    const image = layout(...EVERY_KIND)
    for (const one of [place, path.dirname(image)]) chownSync(one, 65534, 65534)
    const program = path.resolve('dist/containerimage.mjs')
    const args = [
      'unpack',
      image,
      path.join(place, 'root'),
      '--bundle',
      '--store',
      path.join(place, 'store'),
      '--json',
    ]
    const env = { ...process.env, HOME: place, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place }
    const run = spawnSync(process.execPath, [program, ...args], {
      uid: 65534,
      gid: 65534,
      env,
      encoding: 'utf8',
    })
    expect(run.status, run.stderr).to.equal(0)
    const result = JSON.parse(run.stdout)
    expect(result.notKept.map((one: { path: string }) => one.path)).to.deep.equal(['/null'])
    expect(result.ownersNotKept).to.be.greaterThan(10)
    expect(readFileSync(path.join(place, 'root/rootfs/etc/hello'), 'utf8')).to.equal('hello\n')
    const config = JSON.parse(readFileSync(path.join(place, 'root/config.json'), 'utf8'))
    expect(config.linux.uidMappings).to.deep.equal([{ containerID: 0, hostID: 65534, size: 1 }])
    expect(config.process.user).to.deep.equal({ uid: 1000, gid: 1001 })
    expect(config.process.args).to.deep.equal(['/bin/cat', '/etc/hello'])
  })
})
