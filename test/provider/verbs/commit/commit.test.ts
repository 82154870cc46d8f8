import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { ImageConfig, Manifest } from '../../../../manifests/index.js'
import {
  type CommitRequest,
  commit,
  files,
  get,
  history,
  install,
  uninstall,
  unpack,
  verify,
} from '../../../../provider/index.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { readTar } from '../../../fixtures/read-tar.js'
import { type TarMember, tar } from '../../../fixtures/tar.js'
import { describeWithPeers, peer, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { attributes, listing } from '../../inside/unpack/listing.js'
import { failure } from '../failure.js'

const BASE: TarMember[][] = [
  [
    { name: 'etc/', type: '5', mode: 0o755 },
    { name: 'etc/hello', bytes: 'hello\n' },
    { name: 'etc/other', bytes: 'other\n' },
    { name: 'bin/', type: '5', mode: 0o755 },
    { name: 'bin/tool', bytes: 'tool', mode: 0o755 },
    { name: 'bin/tool2', type: '1', target: 'bin/tool' },
    { name: 'bin/tool3', type: '1', target: 'bin/tool' },
    { name: 'tmp/', type: '5', mode: 0o1777 },
    { name: 'docs/', type: '5', mode: 0o755 },
    { name: 'docs/sub/', type: '5', mode: 0o755 },
    { name: 'docs/sub/page', bytes: 'page' },
    { name: 'folder/', type: '5', mode: 0o755 },
    { name: 'folder/in', bytes: 'in' },
    { name: 'link', type: '2', target: 'etc' },
  ],
  [{ name: 'etc/upper', bytes: 'upper\n' }],
]

describe('commit', () => {
  const { folder, remove } = scratch()
  let store: string
  let root: string

  before(function () {
    // Owners and modes are what folders of Windows have not.
    if (process.platform === 'win32') this.skip()
  })

  beforeEach(async () => {
    store = path.join(folder(), 'store')
    const layout = path.join(folder(), 'layout')
    addLayered(layout, {
      name: 'box',
      version: '1',
      layers: BASE.map((members) => ({ tar: tar(...members), form: 'gzip' })),
      config: { config: { Cmd: ['/bin/tool'], Env: ['A=1'] }, author: 'nobody' },
    })
    await install({ targets: [layout], store })
    root = path.join(folder(), 'root')
    await unpack({ name: 'box:1', folder: root, store })
  })

  afterEach(remove)

  const at = (name: string): string => path.join(root, name)
  const committed = (more: Partial<CommitRequest> = {}) =>
    commit({ path: root, name: 'app:1', from: 'box:1', store, ...more })

  const blob = (digest: string): Buffer =>
    readFileSync(path.join(store, 'blobs', 'sha256', digest.slice('sha256:'.length)))

  function documents(digest: string): { manifest: Manifest; config: ImageConfig } {
    const manifest = JSON.parse(blob(digest).toString('utf8')) as Manifest
    return { manifest, config: JSON.parse(blob(manifest.config.digest).toString('utf8')) as ImageConfig }
  }

  /** The names in the layer that was made last. */
  function layerNames(digest: string): string[] {
    const { manifest } = documents(digest)
    return [...readTar(gunzipSync(blob(manifest.layers.at(-1)?.digest ?? ''))).keys()]
  }

  /** What the new image is when it is unpacked is what was committed. */
  async function expectSameTree(name = 'app:1'): Promise<void> {
    const again = path.join(folder(), 'again')
    await unpack({ name, folder: again, store })
    const [now, then] = [root, again].map((place) => listing(place).map(withoutFolderTimes))
    expect(then).to.deep.equal(now)
  }

  it('makes no image of what has not changed, and says so', async () => {
    const result = await committed()
    expect(result).to.deep.include({ digest: '', tags: [], files: [] })
    expect((await get({ store })).map(({ name }) => name)).not.to.include('app')
  })

  it('takes no file for changed whose time alone is another one, unless that is asked for', async () => {
    utimesSync(at('etc/hello'), 5, 1_700_000_000.5)
    lutimesSync(at('link'), 5, 5)
    expect((await committed()).files).to.deep.equal([])
    const { files: found } = await committed({ times: true })
    expect(found.filter(({ path: name }) => /hello|link/.test(name))).to.deep.equal([
      { path: '/etc/hello', change: 'changed', what: ['time'] },
      { path: '/link', change: 'changed', what: ['time'] },
    ])
  })

  it('takes a file for changed that has other bytes of the same size', async () => {
    writeFileSync(at('etc/hello'), 'HELLO\n')
    const result = await committed()
    expect(result.files).to.deep.equal([{ path: '/etc/hello', change: 'changed', what: ['content'] }])
    expect(result.counts).to.deep.equal({ added: 0, changed: 1, removed: 0 })
    expect(layerNames(result.digest)).to.deep.equal(['etc/', 'etc/hello'])
    await expectSameTree()
  })

  it('finds a file of the same size and time that has got the name of another one', async () => {
    const { mtime: time } = statSync(at('etc/hello'))
    writeFileSync(at('etc/moved'), 'HELLO\n')
    utimesSync(at('etc/moved'), time, time)
    renameSync(at('etc/moved'), at('etc/hello'))
    expect((await committed()).files).to.deep.equal([
      { path: '/etc/hello', change: 'changed', what: ['content'] },
    ])
  })

  it('has the folders that lead to a change as they are, so that no engine makes others', async () => {
    writeFileSync(at('tmp/new'), 'new')
    const { digest } = await committed()
    expect(layerNames(digest)).to.deep.equal(['tmp/', 'tmp/new'])
    const found = (await files({ name: 'app:1', store, pattern: '*' })).files
    expect(found.find((one) => one.path === '/tmp')).to.include({ mode: '1777' })
  })

  it('writes a whiteout for what is gone, and one for a whole folder', async () => {
    rmSync(at('etc/upper'))
    rmSync(at('docs'), { recursive: true })
    const { digest, files: found } = await committed()
    expect(found.map(({ path: name }) => name)).to.deep.equal(['/docs', '/etc/upper'])
    expect(layerNames(digest)).to.deep.equal(['.wh.docs', 'etc/', 'etc/.wh.upper'])
    await expectSameTree()
  })

  it('puts a file in the place of a folder, and folders in those of a link and a file', async () => {
    rmSync(at('folder'), { recursive: true })
    writeFileSync(at('folder'), 'a file')
    rmSync(at('link'))
    mkdirSync(at('link'))
    writeFileSync(at('link/in'), 'in')
    rmSync(at('etc/other'))
    mkdirSync(at('etc/other'))
    const { digest, files: found } = await committed()
    expect(found.map(({ path: name, what }) => `${name} ${what}`)).to.deep.equal([
      '/etc/other kind',
      '/folder kind',
      '/link kind',
      '/link/in ',
    ])
    expect(layerNames(digest).join()).not.to.contain('.wh.')
    await expectSameTree()
  })

  it('sees modes, owners, links, and names that are no UTF-8', async function () {
    chmodSync(at('etc/hello'), 0o4711)
    rmSync(at('link'))
    symlinkSync('/outside/../etc/passwd', at('link'))
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x2d, 0xc3, 0xa4])]), 'odd')
    if (process.getuid?.() === 0) chownSync(at('etc/other'), 1000, 70_000_00)
    const { files: found } = await committed()
    expect(found.filter(({ what }) => what.includes('mode')).map((one) => one.path)).to.deep.equal([
      '/etc/hello',
    ])
    expect(found.filter(({ what }) => what.includes('target')).map((one) => one.path)).to.deep.equal([
      '/link',
    ])
    await expectSameTree()
    if (process.getuid?.() !== 0) this.skip()
    expect(found.filter(({ what }) => what.includes('owner')).map((one) => one.path)).to.deep.equal([
      '/etc/other',
    ])
  })

  it('writes all names of a file with one of them, the first as the file', async () => {
    writeFileSync(at('bin/tool2'), 'another tool')
    const { digest, files: found } = await committed()
    expect(found.map(({ path: name }) => name)).to.deep.equal(['/bin/tool', '/bin/tool2', '/bin/tool3'])
    expect(layerNames(digest)).to.deep.equal(['bin/', 'bin/tool', 'bin/tool2', 'bin/tool3'])
    await expectSameTree()
    expect(readFileSync(at('bin/tool3'), 'utf8')).to.equal('another tool')
  })

  it('keeps names together that became one file, and apart that were one', async () => {
    rmSync(at('bin/tool3'))
    writeFileSync(at('bin/tool3'), 'tool', { mode: 0o755 })
    linkSync(at('etc/hello'), at('etc/hello2'))
    const { files: found } = await committed()
    expect(found.map(({ path: name }) => name)).to.deep.equal(['/bin/tool3', '/etc/hello', '/etc/hello2'])
    await expectSameTree()
  })

  it('leaves the other names alone where one of them is gone', async () => {
    rmSync(at('bin/tool'))
    const { files: found, digest } = await committed()
    expect(found.map(({ path: name, change }) => `${change} ${name}`)).to.deep.equal(['removed /bin/tool'])
    expect(layerNames(digest)).to.deep.equal(['bin/', 'bin/.wh.tool'])
    await expectSameTree()
  })

  it('makes the same digest of the same tree again, with SOURCE_DATE_EPOCH, and no later time in it', async () => {
    const before = process.env.SOURCE_DATE_EPOCH
    process.env.SOURCE_DATE_EPOCH = '1500000000'
    try {
      writeFileSync(at('new'), 'new')
      const first = await committed()
      utimesSync(at('new'), 1_900_000_000, 1_900_000_000)
      const second = await committed({ name: 'again:1' })
      expect(second.digest).to.equal(first.digest)
      expect(documents(first.digest).config.created).to.equal('2017-07-14T02:40:00.000Z')
      const [, file] = (await files({ name: 'app:1', store, pattern: 'new' })).files.concat(
        (await files({ name: 'again:1', store, pattern: 'new' })).files,
      )
      expect(file?.modified).to.equal('2017-07-14T02:40:00.000Z')
    } finally {
      if (before === undefined) delete process.env.SOURCE_DATE_EPOCH
      else process.env.SOURCE_DATE_EPOCH = before
    }
  })

  it('says in the config, the history and the annotations what was done to which image', async () => {
    writeFileSync(at('new'), 'new')
    const result = await committed({
      message: 'a new file',
      author: 'me',
      changes: ['CMD ["/new", "a,b"]', 'ENV B=2'],
    })
    const { manifest, config } = documents(result.digest)
    const [base] = await get({ store, names: ['box'] })
    expect(manifest.annotations).to.deep.equal({
      'org.opencontainers.image.base.name': 'box:1',
      'org.opencontainers.image.base.digest': base?.digest,
    })
    expect(config.config).to.deep.include({ Cmd: ['/new', 'a,b'], Env: ['A=1', 'B=2'] })
    expect(config.author).to.equal('me')
    expect(config.rootfs.diff_ids).to.have.length(3)
    const steps = await history({ name: 'app:1', store })
    expect(steps).to.have.length(3)
    expect(steps[0]).to.include({ createdBy: 'containerimage commit', comment: 'a new file' })
    expect(steps[0]?.size).to.equal(result.layer?.size)
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('makes no layer where only the settings are others', async () => {
    const result = await committed({ changes: ['USER app'] })
    expect(result.layer).to.equal(undefined)
    const { manifest, config } = documents(result.digest)
    expect(manifest.layers).to.have.length(2)
    expect(config.history?.at(-1)?.empty_layer).to.equal(true)
  })

  it('moves latest only where that is asked for', async () => {
    writeFileSync(at('new'), 'new')
    expect((await committed({ name: 'box:2' })).tags).to.deep.equal(['box:2'])
    const result = await committed({ name: 'box:3', latest: true })
    expect(result.tags).to.deep.equal(['box:3', 'box:latest'])
    expect(result.moved.map(({ tag }) => tag)).to.deep.equal(['box:latest'])
  })

  it('keeps its parent from being uninstalled', async () => {
    writeFileSync(at('new'), 'new')
    await committed()
    const error = await failure(uninstall({ name: 'box', store }), 'IN_USE')
    expect(error.details?.dependents).to.have.length(1)
    await uninstall({ name: 'box', store, force: true })
    expect((await verify({ store })).problems).to.deep.equal([])
    await expectSameTree()
  })

  it('changes nothing with whatIf, and says what would be', async () => {
    writeFileSync(at('new'), 'new')
    const before = listing(store)
    const result = await committed({ whatIf: true })
    expect(result).to.deep.include({
      digest: '',
      tags: ['app:1'],
      counts: { added: 1, changed: 0, removed: 0 },
    })
    expect(listing(store)).to.deep.equal(before)
  })

  it('takes a tar, plain or compressed, as it takes a folder', async () => {
    writeFileSync(at('new'), 'new')
    rmSync(at('etc/other'))
    const plain = path.join(folder(), 'root.tar')
    execFileSync(peer('tar') ?? 'tar', ['--numeric-owner', '-cf', plain, '-C', root, '.'])
    execFileSync('gzip', ['-k', plain])
    for (const file of [plain, `${plain}.gz`]) {
      const { files: found } = await committed({ path: file })
      expect(found.map(({ path: name, change }) => `${change} ${name}`)).to.deep.equal([
        'removed /etc/other',
        'added /new',
      ])
      await expectSameTree()
    }
  })

  it('fills the holes of sparse files that a tar has', async () => {
    const file = path.join(folder(), 'root.tar')
    const records = { 'GNU.sparse.map': '2,3,8,1', 'GNU.sparse.size': '9' }
    writeFileSync(file, tar({ name: 'holes', bytes: 'abcd', records }, { name: 'plain', bytes: 'plain' }))
    const { digest } = await committed({ path: file, from: 'scratch' })
    expect(layerNames(digest)).to.deep.equal(['holes', 'plain'])
    const again = path.join(folder(), 'again')
    await unpack({ name: 'app:1', folder: again, store })
    expect(readFileSync(path.join(again, 'holes'), 'latin1')).to.equal('\0\0abc\0\0\0d')
    expect(readFileSync(path.join(again, 'plain'), 'utf8')).to.equal('plain')
  })

  it('refuses half a tar: what it lacks would count as removed', async () => {
    const file = path.join(folder(), 'half.tar')
    writeFileSync(file, tar({ name: 'etc/', type: '5' }, { name: 'a', bytes: 'a' }).subarray(0, 1024))
    await failure(committed({ path: file }), 'ARCHIVE_INVALID')
  })

  it('makes an image of a folder alone with scratch for its parent', async () => {
    const result = await committed({ from: 'scratch', changes: ['CMD ["/bin/tool"]'] })
    expect(result).not.to.have.property('parent')
    expect(documents(result.digest).manifest.layers).to.have.length(1)
    expect(documents(result.digest).manifest).not.to.have.property('annotations')
    await expectSameTree()
  })

  it('asks for the parent where nobody says it', async () => {
    const error = await failure(committed({ from: undefined }), 'USAGE')
    expect(error.remedy).to.contain('from')
  })

  it('refuses a name that layers keep for what is gone, in a folder and in a tar', async () => {
    writeFileSync(at('etc/.wh.hello'), '')
    expect((await failure(committed(), 'UNSAFE_NAME')).message).to.contain('.wh.hello')
    const file = path.join(folder(), 'root.tar')
    writeFileSync(file, tar({ name: 'etc/.wh.hello' }))
    await failure(committed({ path: file }), 'UNSAFE_NAME')
    expect((await get({ store })).some(({ name }) => name === 'app')).to.equal(false)
  })

  it('takes links for links wherever they lead, keeps pipes, and leaves sockets out', async () => {
    const outside = folder()
    writeFileSync(path.join(outside, 'secret'), 'secret')
    symlinkSync(outside, at('out'))
    symlinkSync('/etc/shadow', at('etc/shadow'))
    execFileSync('mkfifo', [at('pipe')])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(at('sock'), resolve))
    try {
      const { files: found, leftOut, digest } = await committed()
      expect(found.map(({ path: name }) => name)).to.deep.equal(['/etc/shadow', '/out', '/pipe'])
      expect(leftOut).to.deep.equal([{ path: '/sock', reason: 'a socket' }])
      expect(layerNames(digest)).to.deep.equal(['etc/', 'etc/shadow', 'out', 'pipe'])
    } finally {
      server.close()
    }
    await expectSameTree()
  })

  it('takes a link for a link that is in the place of a folder', async () => {
    const outside = path.join(folder(), 'docs')
    renameSync(at('docs'), outside)
    symlinkSync(outside, at('docs'))
    const { files: found, digest } = await committed()
    expect(found).to.deep.equal([{ path: '/docs', change: 'changed', what: ['kind'] }])
    expect(layerNames(digest)).to.deep.equal(['docs'])
  })

  it('tells of a file that is changed while it is read, and leaves nothing', async () => {
    writeFileSync(at('new'), Buffer.alloc(1000))
    const timer = setInterval(() => writeFileSync(at('new'), Buffer.alloc(1000, Math.random() * 255)), 0)
    try {
      const codes = new Set<string>()
      for (let i = 0; i < 50 && !codes.has('CHANGED_MEANWHILE'); i++)
        await committed({ name: `app:${i}` }).then(
          () => codes.add('made'),
          (error) => codes.add(error.code),
        )
      expect([...codes].filter((code) => code !== 'made')).to.deep.equal(['CHANGED_MEANWHILE'])
    } finally {
      clearInterval(timer)
    }
  })

  it('forces one owner on all that it writes', async function () {
    if (process.getuid?.() !== 0) this.skip()
    writeFileSync(at('new'), 'new')
    chownSync(at('new'), 1000, 1000)
    await committed({ owner: '7:8' })
    expect((await files({ name: 'app:1', store, pattern: 'new' })).files[0]).to.include({ uid: 7, gid: 8 })
    await failure(committed({ owner: 'me' }), 'USAGE')
  })

  it('names a file that cannot be read', function () {
    if (process.getuid?.() !== 0) this.skip()
    const secret = at('secret')
    writeFileSync(secret, 'secret', { mode: 0o600 })
    for (const place of [root, path.dirname(root)]) chmodSync(place, 0o755)
    chmodSync(path.dirname(store), 0o755)
    const home = folder()
    chownSync(home, 65534, 65534)
    const program = path.resolve('dist/containerimage.mjs')
    const args = ['commit', root, 'app:1', '--from', 'scratch', '--store', path.join(home, 'store'), '--json']
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
    const run = spawnSync(process.execPath, [program, ...args], {
      ...{ uid: 65534, gid: 65534, env, encoding: 'utf8' },
    })
    expect(run.status).to.equal(1)
    expect(run.stderr).to.contain('PERMISSION_DENIED').and.to.contain('secret')
  })
})

/** The time of a folder says when something in it was made, which unpacking does as well. */
function withoutFolderTimes(line: string): string {
  return line.replace(/^(.* 40000 \d+ \d+:\d+) \d+/, '$1').replace(/^(.* 120000 \d+ \d+:\d+) \d+/, '$1')
}

describeWithPeers(['umoci', 'setfattr', 'getfattr', 'skopeo'], 'commit, beside its peers', () => {
  const { folder, remove } = scratch()

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip()
  })
  afterEach(remove)

  it('makes of what umoci unpacked an image that umoci unpacks to the same', async () => {
    const layout = path.join(folder(), 'layout')
    const image = { name: 'box', version: '1', layers: BASE.map((members) => ({ tar: tar(...members) })) }
    addLayered(layout, image)
    const store = path.join(folder(), 'store')
    await install({ targets: [layout], store })
    const first = path.join(folder(), 'first')
    runPeer('skopeo', ['copy', '--quiet', '--preserve-digests', `oci:${store}:box:1`, `oci:${layout}2:1`])
    runPeer('umoci', ['unpack', '--image', `${layout}2:1`, first])
    const root = path.join(first, 'rootfs')
    writeFileSync(path.join(root, 'new'), 'new')
    rmSync(path.join(root, 'docs'), { recursive: true })
    writeFileSync(path.join(root, 'bin/tool3'), 'one for all')
    rmSync(path.join(root, 'link'))
    mkdirSync(path.join(root, 'link'))
    execFileSync('mknod', [path.join(root, 'null'), 'c', '1', '3'])
    execFileSync('mknod', [path.join(root, 'disk'), 'b', '259', '70000'])
    runPeer('setfattr', ['-n', 'user.note', '-v', '0sAAH/', path.join(root, 'etc/hello')])
    runPeer('setfattr', [
      '-n',
      'security.capability',
      '-v',
      '0sAQAAAgAgAAAAAAAAAAAAAAAAAAA=',
      path.join(root, 'bin/tool'),
    ])
    // The bundle of umoci says which image it is.
    const result = await commit({ path: first, name: 'app:1', store })
    expect(result.parent?.image).to.equal('box:1')
    runPeer('skopeo', ['copy', '--quiet', `oci:${store}:app:1`, `oci:${layout}3:1`])
    const second = path.join(folder(), 'second')
    runPeer('umoci', ['unpack', '--image', `${layout}3:1`, second])
    const again = path.join(second, 'rootfs')
    expect(listing(again)).to.deep.equal(listing(root))
    expect(attributes(again)).to.equal(attributes(root))
    expect(statSync(path.join(again, 'disk')).rdev).to.equal(statSync(path.join(root, 'disk')).rdev)
    expect((await commit({ path: second, name: 'app:2', from: 'app:1', store })).files).to.deep.equal([])
  })

  it('gives what an ordinary user unpacked the owners of the parent', async () => {
    const layout = path.join(folder(), 'layout')
    addLayered(layout, {
      name: 'box',
      version: '1',
      layers: [
        {
          tar: tar(
            { name: 'mine', bytes: 'mine', uid: 12, gid: 34 },
            {
              name: 'kept',
              bytes: 'kept',
              uid: 12,
              gid: 34,
              records: { 'SCHILY.xattr.security.capability': 'x' },
            },
            { name: 'null', type: '3', device: [1, 3] },
          ),
        },
      ],
    })
    const home = folder()
    for (const place of [path.dirname(layout), home]) chownSync(place, 65534, 65534)
    const program = path.resolve('dist/containerimage.mjs')
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
    const run = (...args: string[]): string => {
      const options = { uid: 65534, gid: 65534, env, encoding: 'utf8' as const }
      const words = [program, ...args, '--store', path.join(home, 'store'), '--json']
      const ended = spawnSync(process.execPath, words, options)
      expect(ended.status, ended.stderr).to.equal(0)
      return ended.stdout
    }
    run('install', layout)
    run('unpack', 'box:1', path.join(home, 'root'))
    writeFileSync(path.join(home, 'root/mine'), 'changed')
    writeFileSync(path.join(home, 'root/new'), 'new')
    chownSync(path.join(home, 'root/new'), 65534, 65534)
    const result = JSON.parse(run('commit', path.join(home, 'root'), 'app:1', '--from', 'box:1'))
    const names = (result.files as { path: string }[]).map((one) => one.path)
    expect(names).to.deep.equal(['/mine', '/new'])
    const listed = JSON.parse(run('files', 'app:1')).files as { path: string; uid: number; gid: number }[]
    expect(listed.map(({ path: name, uid, gid }) => `${name} ${uid}:${gid}`)).to.deep.equal([
      '/kept 12:34',
      '/mine 12:34',
      '/new 0:0',
      '/null 0:0',
    ])
  })
})
