import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { digestOf } from '../../../../manifests/index.js'
import { type CheckLayerOptions, checkLayerBytes } from '../../../../provider/archives/layers/check-layer.js'
import type { Bytes } from '../../../../provider/io/bytes.js'
import { layerOf } from '../../../security/hostile-layers.js'
import { member, pax } from '../../../security/tar-builder.js'

const file = (name: string, type = '0', text = 'a'): Buffer =>
  member({ name, type, bytes: Buffer.from(text) })
const empty = (name: string, type: string): Buffer => member({ name, type })

async function check(bytes: Buffer, ...diffIds: string[]): Promise<unknown> {
  return await checkAs({ os: 'linux', diffIds: new Set(diffIds) }, bytes)
}

async function checkAs(how: Omit<CheckLayerOptions, 'label'>, bytes: Buffer): Promise<unknown> {
  async function* once(): Bytes {
    yield bytes
  }
  const options = { label: 'a layer', ...how }
  return await checkLayerBytes(once(), options).then(
    () => undefined,
    (reason) => reason,
  )
}

describe('the tar of a layer', () => {
  for (const [what, parts] of Object.entries<Buffer[]>({
    'a file twice': [file('etc/a'), file('etc/a')],
    'a file twice, spelled in two ways': [file('etc/a'), file('./etc//a')],
    'a file twice, once by way of its parent': [file('etc/a'), file('etc/b/../a')],
    'a folder twice': [empty('etc/', '5'), file('etc/a'), empty('etc/', '5')],
    'a folder and a file of one name': [empty('etc/', '5'), file('etc')],
    'its root twice': [empty('./', '5'), empty('.', '5')],
    'two whiteouts of one name': [empty('etc/.wh.a', '0'), empty('etc/.wh.a', '0')],
    'one name in a pax record and in a header': [pax({ path: 'etc/a' }), file('x'), file('etc/a')],
    'a sparse file of the old kind': [empty('a', 'S')],
    'a contiguous file': [file('a', '7')],
    'a volume label': [empty('label', 'V')],
    'a type that nobody knows': [file('etc/a'), empty('z', 'Z')],
    'a file in the place of its root': [empty('etc/', '5'), file('./')],
    'a file without a name': [file('')],
    'a hard link to itself': [member({ name: './a', type: '1', linkName: 'a' })],
    'a NUL in the name of a pax record': [pax({ path: 'a\0b' }), file('x')],
    'a NUL in the owner of a pax record': [pax({ uname: 'a\0b' }), file('x')],
    'a NUL in the key of a pax record': [pax({ 'a\0b': 'c' }), file('x')],
    'a file below a file': [file('etc'), file('etc/a')],
    'a file far below a file': [file('etc'), file('usr/b'), file('./etc/c/d/e')],
    'a whiteout below a file': [file('etc/a'), file('etc/a/.wh.b', '0', '')],
    'one block of zeros and then more': [file('a'), Buffer.alloc(512), file('b')],
  }))
    it(`with ${what} is refused`, async () => {
      const tar = layerOf(...parts)
      for (const bytes of [tar, gzipSync(tar)])
        expect(await check(bytes)).to.include({ code: 'LAYER_INVALID', side: 'source' })
    })

  for (const [what, tar] of Object.entries<Buffer>({
    'with names that differ in case or dots alone': layerOf(
      ...['a', 'A', 'b/a', 'b/.a', 'b/..a', 'b/a.', '...'].map((name) => file(name)),
    ),
    'with a file in the place of what is below it, and then no more of that': layerOf(
      file('etc/a/b'),
      file('etc/a'),
      file('etc/c'),
    ),
    'with files below a link': layerOf(
      member({ name: 'bin', type: '2', linkName: 'usr/bin' }),
      file('bin/a'),
    ),
    'with a NUL in an attribute': layerOf(pax({ 'SCHILY.xattr.user.a': 'a\0b' }), file('a')),
    'with its root, and a hard link to what may be below it': layerOf(
      empty('./', '5'),
      member({ name: 'b/a', type: '1', linkName: 'a' }),
    ),
    'with devices and pipes': layerOf(empty('p', '6'), empty('c', '3'), empty('b', '4')),
    'with a sparse file as pax has it': layerOf(
      pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'a',
        'GNU.sparse.realsize': '9',
      }),
      file('GNUSparseFile.0/a'),
      file('b'),
    ),
    'without an end mark': file('a'),
    'whose last block is not filled': file('a').subarray(0, 513),
    'of nothing but its end mark': Buffer.alloc(1024),
  }))
    it(`${what} is good`, async () => {
      for (const bytes of [tar, gzipSync(tar)]) expect(await check(bytes, digestOf(tar))).to.equal(undefined)
    })

  describe('with hard links', () => {
    const hard = (name: string, linkName: string): Buffer => member({ name, type: '1', linkName })
    const soft = (name: string, linkName: string): Buffer => member({ name, type: '2', linkName })

    for (const [what, parts] of Object.entries<Buffer[]>({
      nothing: [file('etc/a'), hard('etc/b', 'etc/c')],
      'a folder': [empty('etc/', '5'), hard('b', 'etc')],
      'a file that comes later': [hard('etc/b', 'etc/a'), file('etc/a')],
    }))
      it(`to ${what} is refused where nothing is below it, and may be good elsewhere`, async () => {
        const tar = layerOf(...parts)
        expect(await checkAs({ os: 'linux', isFirst: true }, tar)).to.include({ code: 'LAYER_INVALID' })
        expect(await checkAs({ os: 'linux', isFirst: false }, tar)).to.equal(undefined)
        expect(await checkAs({ os: 'windows', isFirst: true }, tar)).to.equal(undefined)
      })

    it('to files, links and devices of it is good, however they are spelled', async () => {
      const parts = [
        file('./etc/a'),
        hard('b', '/etc/a'),
        hard('c', 'etc/../b'),
        soft('d', 'nowhere'),
        hard('e', 'd'),
        empty('pipe', '6'),
        hard('f', './pipe'),
        soft('lib', 'usr/lib'),
        file('usr/lib/x'),
        hard('g', 'lib/x'),
      ]
      expect(await checkAs({ os: 'linux', isFirst: true }, layerOf(...parts))).to.equal(undefined)
    })
  })
})
