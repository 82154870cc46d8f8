import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { ContainerImageError } from '../../../manifests/index.js'
import { get, inspect, install, save, verify } from '../../../provider/index.js'
import { tarOf } from '../../fixtures/layout.js'
import { makeSample } from '../../fixtures/sample.js'
import { scratch } from '../../scratch.js'
import { member } from '../../security/tar-builder.js'

describe('files that people bring by mistake', () => {
  const { folder, remove } = scratch()
  let home: string
  let store: string
  after(remove)

  beforeEach(() => {
    home = folder()
    store = path.join(home, 'store')
  })

  function file(name: string, content: Buffer | string): string {
    const at = path.join(home, name)
    writeFileSync(at, content)
    return at
  }

  async function refusal(target: string, more: object = {}): Promise<ContainerImageError> {
    return await install({ targets: [target], store, ...more }).then(
      () => expect.fail(`${target} was installed`),
      (error) => error,
    )
  }

  const tar = tarOf({ 'manifest.json': '[]', 'a/layer.tar': 'x'.repeat(3000) })
  const utf16 = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString('latin1'), 'utf16le')])
  const bigEndian = (bytes: Buffer): Buffer => utf16(bytes).swap16()

  const isoOf = (start: Buffer): Buffer => {
    const bytes = Buffer.alloc(40_000)
    start.copy(bytes)
    bytes.write('\x01CD001\x01', 0x8000, 'latin1')
    return bytes
  }

  const WHAT: [string, Buffer | string, RegExp][] = [
    ['a tar through PowerShell', utf16(tar), /text in UTF-16/],
    ['a gzip through PowerShell', utf16(gzipSync(tar)), /text in UTF-16/],
    ['a log through PowerShell', utf16(Buffer.from('Error: no such image\r\n')), /text in UTF-16/],
    ['UTF-16 of the other order', bigEndian(tar), /text in UTF-16/],
    ['a page to sign in on', `<!DOCTYPE html><html>Sign in</html>\n`.repeat(40), /a web page/],
    ['a short page', '<html><body>404</body></html>', /a web page/],
    ['a page behind blank lines', `\r\n\r\n  <!doctype HTML>\n<head>`, /a web page/],
    ['a page with a comment first', '\ufeff<!-- proxy --><html>', /a web page/],
    ['a page in gzip', gzipSync('<!DOCTYPE html><html>no</html>'), /a web page/],
    ['the error of a storage', `<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, /in XML/],
    ['the error of a registry', '{"errors":[{"code":"UNAUTHORIZED"}]}', /in JSON/],
    ['an index without its blobs', '{\n  "schemaVersion": 2\n}', /in JSON/],
    ['a pointer of LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', /Git LFS/],
    ['a pointer of annex', '/annex/objects/SHA256E-s1--0.tar\n', /git-annex/],
    ['a download that was begun', Buffer.alloc(20_000), /zeros.*download/],
    ['a note', 'see the other stick\n', /text that begins with "see the other stick"/],
    ['a note in other letters', 'слишком большой файл '.repeat(60), /text that begins with "слишком/],
    ['a RAR archive', Buffer.from('Rar!\x1a\x07\x01\x00 more', 'latin1'), /a RAR archive/],
    ['a squashfs', Buffer.from('hsqs....'), /squashfs/],
    ['an ISO', isoOf(Buffer.alloc(0)), /ISO/],
    ['an ISO that starts computers', isoOf(Buffer.from('MZ boot code')), /ISO/],
    ['a file system', Buffer.concat([Buffer.alloc(0x438), Buffer.from([0x53, 0xef, 1, 0])]), /\(ext\)/],
    ['a whole disk', Buffer.concat([Buffer.alloc(0x1fe, 7), Buffer.from([0x55, 0xaa, 0])]), /whole disk/],
    ['gzip within gzip', gzipSync(gzipSync(tar)), /twice: gzip data within gzip/],
    ['an image of a disk', Buffer.from('QFI\xfb....', 'latin1'), /qcow2/],
  ]
  for (const [label, content, what] of WHAT)
    it(`are told by what they are: ${label}`, async () => {
      const at = file('brought.tar', content)
      const error = await refusal(at)
      expect(error.code).to.equal('ARCHIVE_UNKNOWN')
      expect(error.message).to.match(what)
      expect(error.remedy).not.to.match(/hex|bytes that/)
      const { ok, problems } = await verify({ paths: [at], store })
      expect(ok).to.equal(false)
      expect(problems[0]?.message).to.match(what)
    })

  for (const [type, what, remedy] of [
    ['V', /a volume label/, /-V/],
    ['D', /the listing of a folder/, /-g/],
    ['M', /another volume/, /-M/],
  ] as const)
    it(`are told by what they are: a backup of GNU tar with type ${type}`, async () => {
      const made = [
        member({ name: 'etc/', type: '5' }),
        member({ name: 'home', type }),
        member({ name: 'etc/a', bytes: Buffer.from('a') }),
      ]
      const error = await refusal(file('backup.tar', Buffer.concat([...made, Buffer.alloc(1024)])))
      expect(error.message).to.contain('is a backup')
      expect(error.message).not.to.contain('damaged')
      expect(error.found).to.match(what)
      expect(error.remedy).to.match(remedy)
    })

  it('are not guessed at where nothing tells', async () => {
    for (const content of [
      Buffer.alloc(900, 0x81),
      Buffer.from([1, 2, 3, 4, 5]),
      Buffer.from('ok\x00\x01'),
    ]) {
      const error = await refusal(file('unknown.tar', content))
      expect(error.message).to.contain('is not an archive that can be read')
    }
  })

  /** The bytes of an archive with all members below a path. */
  function below(prefix: string, files: Record<string, Buffer | string>): Buffer {
    return tarOf(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${prefix}${name}`, bytes])),
    )
  }

  const layerOf = (name: string): Buffer => tarOf({ [`etc/${name}`]: name })
  const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

  function dockerFiles(tag: string): Record<string, Buffer | string> {
    const layer = layerOf(tag)
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha(layer)}`] },
    })
    const list = [{ Config: 'c.json', RepoTags: [tag], Layers: ['l/layer.tar'] }]
    return { 'manifest.json': JSON.stringify(list), 'c.json': config, 'l/layer.tar': layer }
  }

  async function installed(): Promise<string[]> {
    return (await get({ store })).map(({ name, version }) => `${name} ${version}`)
  }

  for (const prefix of ['image/', 'home/me/image/', 'mnt/', './tmp/x/', 'var/lib/images/'])
    it(`are read where they were packed with a path: ${prefix}`, async () => {
      const at = file('packed.tar', below(prefix, dockerFiles('app:1.0')))
      await install({ targets: [at], store })
      expect((await installed()).join()).to.match(/app 1\.0/)
      expect((await verify({ paths: [at], store })).ok).to.equal(true)
      const tgz = file('packed.tar.gz', gzipSync(below(prefix, dockerFiles('app:1.0'))))
      expect(await inspect({ names: [tgz], store })).to.have.length(1)
    })

  it('are no root filesystem for being packed with a path, whatever name they are given', async () => {
    const at = file('home.tar', below('home/me/', { 'index.json': '{}', 'blobs/x': 'y' }))
    const error = await refusal(at, { name: 'bogus', version: '1', platform: 'linux/amd64' })
    expect(error.code).to.equal('ARCHIVE_UNKNOWN')
  })

  it('are still root filesystems with folders of users in them', async () => {
    for (const first of ['home/me/notes.txt', 'root/.profile', 'srv/www/index.html']) {
      const at = file('rootfs.tar', tarOf({ [first]: 'x', 'etc/os-release': 'ID=mine\nVERSION_ID=1\n' }))
      await install({ targets: [at], store, platform: 'linux/amd64', force: true })
    }
    expect((await installed()).join()).to.match(/mine 1/)
  })

  it('are read where skopeo wrote them as dir: and they were packed', async () => {
    const { folder: layout, root } = makeSample(home)
    const at = (digest: string): Buffer => readFileSync(path.join(layout, 'blobs', digest.replace(':', '/')))
    const manifest = at(root.digest)
    const { config, layers } = JSON.parse(manifest.toString())
    const blobs = [config, ...layers].map(({ digest }) => [digest.slice('sha256:'.length), at(digest)])
    const files = {
      version: 'Directory Transport Version: 1.1\n',
      'manifest.json': manifest,
      ...Object.fromEntries(blobs),
    }
    for (const prefix of ['', './', 'dir/']) {
      const packed = file('dir.tar', below(prefix, files))
      const { images } = await install({ targets: [packed], store, name: 'packed', version: '1' })
      expect(images[0]?.digest).to.equal(root.digest)
    }
  })

  it('are called an empty archive where a zip has nothing in it', async () => {
    const empty = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])
    expect((await refusal(file('empty.zip', empty))).found).to.equal('an empty archive')
  })

  it('are named by the folder that holds them, where something else lies beside it', async () => {
    const files = Object.entries(dockerFiles('app:1.0')).map(([name, bytes]) => [`image/${name}`, bytes])
    const beside = { README: 'read me', ...Object.fromEntries(files) }
    for (const bytes of [tarOf(beside), gzipSync(tarOf({ b: '', 'a/b/oci-layout': '{}' }))]) {
      const at = file('beside.tar', bytes)
      const error = await refusal(at)
      expect(error.message).to.match(/holds no image itself, but below it: "(image|a\/b)\/"/)
      expect(error.remedy).to.equal('Unpack it, and give that folder.')
      expect((await verify({ paths: [at], store })).problems[0]?.message).to.equal(error.message)
    }
  })

  it('are named where they are archives within an archive', async () => {
    const inner = tarOf(dockerFiles('app:1.0') as Record<string, Buffer>)
    const bundles: Record<string, Buffer | string>[] = [
      { 'images/d.tar': inner },
      { 'a.tar.gz': gzipSync(inner), 'b.tgz': 'x' },
      { 'x/y/z.zip': 'z' },
    ]
    for (const files of bundles) {
      for (const bytes of [tarOf(files), gzipSync(tarOf(files))]) {
        const error = await refusal(file('bundle.tar', bytes))
        expect(error.message).to.match(/holds no image itself, but archives/)
        expect(error.found).to.contain((Object.keys(files)[0] ?? '').split('/').at(-1))
        expect(error.remedy).to.contain('Unpack')
      }
    }
  })

  /** As docker before 1.10 saved it: an id, and below it the layers that it stands on. */
  function oldFiles(ids: string[], { gzip = false } = {}): Record<string, Buffer | string> {
    const files: Record<string, Buffer | string> = {}
    for (const [at, id] of ids.entries()) {
      const layer = layerOf(`step${at}`)
      const parent = at > 0 ? { parent: ids[at - 1] } : {}
      const step = { id, ...parent, created: '2015-01-01T00:00:00Z', os: 'linux', architecture: 'amd64' }
      const ran = {
        container_config: { Cmd: ['/bin/sh', '-c', `step ${at}`] },
        config: { Cmd: ['/bin/app'] },
      }
      files[`${id}/VERSION`] = '1.0'
      files[`${id}/json`] = JSON.stringify({ ...step, ...ran })
      files[`${id}/layer.tar`] = gzip ? gzipSync(layer) : layer
    }
    return files
  }

  describe('as docker saved them before 1.10', () => {
    const ids = ['1', '2', '3'].map(sha)

    it('are images by the names of repositories', async () => {
      const top = ids[2] as string
      const names = { app: { '1.0': top, old: ids[1] } }
      const at = file('old.tar', tarOf({ ...oldFiles(ids), repositories: JSON.stringify(names) }))
      const [old] = await inspect({ names: [at], store })
      expect(old).to.have.nested.property('config.config.Cmd').that.deep.equals(['/bin/app'])
      await install({ targets: [at], store })
      expect((await installed()).join())
        .to.match(/app 1\.0/)
        .and.match(/app old/)
      const found = await inspect({ names: ['app:1.0'], store })
      expect(found[0]).to.have.nested.property('config.rootfs.diff_ids').with.length(3)
      expect(found[0]).to.have.nested.property('config.history[2].created_by', '/bin/sh -c step 2')
      expect((await verify({ store })).ok).to.equal(true)
    })

    it('are images without a name where repositories is missing', async () => {
      const at = file('old.tar', tarOf(oldFiles(ids)))
      expect(await inspect({ names: [at], store })).to.have.length(1)
      await install({ targets: [at], store, name: 'mine', version: '1' })
      expect((await installed()).join()).to.match(/mine 1/)
    })

    it('are read packed, compressed, in a folder, and are saved anew', async () => {
      const whole = { ...oldFiles(ids.slice(0, 1)), repositories: JSON.stringify({ app: { '1.0': ids[0] } }) }
      const unpacked = path.join(home, 'unpacked')
      for (const [name, bytes] of Object.entries(whole)) {
        mkdirSync(path.dirname(path.join(unpacked, name)), { recursive: true })
        writeFileSync(path.join(unpacked, name), bytes)
      }
      const places = [
        file('old.tgz', gzipSync(tarOf(whole))),
        file('below.tar', below('x/', whole)),
        unpacked,
      ]
      for (const [at, place] of places.entries()) {
        const saved = path.join(home, `saved${at}.tar`)
        await save({ names: [place], path: saved, store })
        expect((await verify({ paths: [saved], store })).ok).to.equal(true)
      }
    })

    it('are refused where a layer is missing, or stands on itself', async () => {
      const [one = '', two = ''] = ids
      const lost = oldFiles(ids)
      delete lost[`${one}/json`]
      delete lost[`${one}/layer.tar`]
      const round = oldFiles([one, two])
      round[`${one}/json`] = JSON.stringify({ id: one, parent: two })
      const named = JSON.stringify({ a: { '1': two } })
      const noTar = oldFiles([one])
      delete noTar[`${one}/layer.tar`]
      for (const [files, code] of [
        [lost, 'BLOB_MISSING'],
        [{ ...round, repositories: named }, 'INVALID_DOCUMENT'],
        [noTar, 'BLOB_MISSING'],
        [{ ...oldFiles([one]), repositories: named }, 'BLOB_MISSING'],
        [{ ...oldFiles([one]), repositories: '[' }, 'INVALID_DOCUMENT'],
      ] as const)
        expect((await refusal(file('old.tar', tarOf(files)))).code).to.equal(code)
    })
  })
})
