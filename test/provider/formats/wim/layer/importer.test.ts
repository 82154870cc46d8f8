import path from 'node:path'
import { expect } from 'chai'
import { install } from '../../../../../provider/index.js'
import { makeWim } from '../../../../fixtures/wim.js'
import { scratch } from '../../../../scratch.js'
import {
  file,
  folder,
  junctionBuffer,
  type RawEntry,
  symlinkBuffer,
  tagged,
  writeRawWim,
} from '../raw-wim.js'
import { type Imported, importLayer } from './importer.js'
import { installWim } from './installed-layer.js'
import { readTar } from './read-tar.js'

describe('the layer of a WIM, to Windows’ importer', () => {
  const folders = scratch()
  after(() => folders.remove())

  interface Made extends Imported {
    notes: string[]
  }

  async function imported(roots: RawEntry[], skipUnsupported = false): Promise<Made> {
    const target = writeRawWim(
      path.join(folders.folder(), 'image.wim'),
      roots.map((root) => ({ root })),
    )
    const notes: string[] = []
    const { layer } = await installWim(target, path.join(folders.folder(), 'store'), {
      skipUnsupported,
      onProgress: (event) => event.type === 'note' && notes.push(event.message),
    })
    return { ...importLayer(readTar(layer)), notes }
  }

  /** Refused as it is, and the notes where it is installed all the same. */
  async function leftOut(root: RawEntry): Promise<Made> {
    const target = writeRawWim(path.join(folders.folder(), 'image.wim'), [{ root }])
    const request = { targets: [target], store: path.join(folders.folder(), 'store') }
    const error = await install(request).catch((reason) => reason)
    expect(error).to.include({ code: 'ARCHIVE_UNKNOWN' })
    return await imported([root], true)
  }

  it('has a utility VM where the WIM has two images, and none where it has one', async () => {
    const own = folder([file('f', '1')])
    const vm = folder([folder([file('bcd', '2')], { name: 'EFI' })])
    expect((await imported([own])).hasUtilityVm).to.equal(false)
    const both = await imported([own, vm])
    expect(both.hasUtilityVm).to.equal(true)
    expect([...both.files.keys()].sort()).to.deep.equal([
      'Files',
      'Files/f',
      'UtilityVM',
      'UtilityVM/Files',
      'UtilityVM/Files/EFI',
      'UtilityVM/Files/EFI/bcd',
    ])
  })

  it('has the streams of files, folders, links and roots at what they belong to', async () => {
    const streams = (...names: string[]) => names.map((name) => ({ name, data: name }))
    const { files } = await imported([
      folder(
        [
          file('f', 'x', { streams: streams('a', 'b c') }),
          folder(
            [
              file('inside', 'x', { streams: streams('own') }),
              folder([], { name: 'empty', streams: streams('e') }),
            ],
            {
              name: 'd',
              streams: streams('of d', 'Zone.Identifier'),
            },
          ),
          folder([], { name: 'd2', streams: streams('of d2') }),
          {
            name: 'link',
            reparse: { tag: 0xa000000c, data: symlinkBuffer('f', true) },
            streams: streams('of link'),
          },
        ],
        { streams: streams('of the root') },
      ),
      folder([file('f', 'y')], { streams: streams('of the VM') }),
    ])
    const found = [...files].map(([name, one]) => [name, one.streams]).filter(([, one]) => one?.length)
    expect(Object.fromEntries(found)).to.deep.equal({
      Files: ['of the root'],
      'Files/d': ['of d', 'Zone.Identifier'],
      'Files/d/empty': ['e'],
      'Files/d2': ['of d2'],
      'Files/f': ['a', 'b c'],
      'Files/d/inside': ['own'],
      'Files/link': ['of link'],
      'UtilityVM/Files': ['of the VM'],
    })
  })

  it('has no whiteouts: names of that form are refused, or left out with a line', async () => {
    const { files, notes } = await leftOut(
      folder([
        file('.wh.x', '1'),
        file('x', '2'),
        folder([file('.wh..wh..opq', ''), file('y', '')], { name: 'd' }),
        folder([file('z', '')], { name: '.wh.folder' }),
        file('.WH.kept', '', { streams: [{ name: '.wh.stream', data: '3' }] }),
      ]),
    )
    expect([...files.keys()].sort()).to.deep.equal([
      'Files',
      'Files/.WH.kept',
      'Files/d',
      'Files/d/y',
      'Files/x',
    ])
    expect(notes.map((note) => note.split(' ')[0])).to.have.members([
      '/.wh.x',
      '/d/.wh..wh..opq',
      '/.wh.folder',
    ])
  })

  it('has no names with half of a character, which would become one', async () => {
    const { files, notes } = await leftOut(
      folder([
        file('a\ud800.txt', '1'),
        file('a\ud801.txt', '2'),
        file('whole \u{1f99c}', '3', {
          streams: [
            { name: 's\udc00', data: '4' },
            { name: 'kept', data: '5' },
          ],
        }),
        folder([file('in', '6')], { name: '\udfff' }),
      ]),
    )
    expect([...files.keys()]).to.deep.equal(['Files', 'Files/whole \u{1f99c}'])
    expect(files.get('Files/whole \u{1f99c}')?.streams).to.deep.equal(['kept'])
    expect(notes.map((note) => note.split(' is left')[0])).to.have.members([
      '/a\\ud800.txt',
      '/a\\ud801.txt',
      '/whole \u{1f99c}:s\\udc00',
      '/\\udfff',
    ])
  })

  it('has folders that OneDrive or EFS have marked as folders, with what is in them', async () => {
    const cloud = { tag: 0x9000701a, data: Buffer.from('cloud') }
    const { files, notes } = await leftOut(
      folder([
        folder([file('f', '1'), folder([file('g', '2')], { name: 'deep' })], {
          name: 'OneDrive',
          attributes: 0x410,
          reparse: cloud,
        }),
        folder([], { name: 'empty', attributes: 0x410, reparse: cloud }),
        folder([file('h', '3'), file('secret', 'raw', { attributes: 0x4020 })], {
          name: 'efs',
          attributes: 0x4010,
          data: 'raw data of EFS',
        }),
        folder([file('in', '4')], {
          name: 'mounted',
          attributes: 0x410,
          reparse: { tag: 0xa0000003, data: junctionBuffer('C:\\x') },
        }),
        folder([], { name: 'wci', attributes: 0x410, reparse: { tag: 0xa0000027, data: Buffer.from('x') } }),
        file('placeholder', undefined, { attributes: 0x420, reparse: cloud }),
      ]),
    )
    expect(Object.fromEntries([...files].map(([name, { attributes }]) => [name, attributes]))).to.deep.equal({
      Files: 0x10,
      'Files/OneDrive': 0x10,
      'Files/OneDrive/deep': 0x10,
      'Files/OneDrive/deep/g': 0x80,
      'Files/OneDrive/f': 0x80,
      'Files/empty': 0x10,
      'Files/efs': 0x10,
      'Files/efs/h': 0x80,
      'Files/mounted': 0x10,
      'Files/mounted/in': 0x80,
    })
    expect(notes.map((note) => note.split(':')[0])).to.have.members([
      '/OneDrive is kept as an ordinary folder',
      '/empty is kept as an ordinary folder',
      '/efs is kept as an ordinary folder',
      '/efs/secret is left out',
      '/mounted is kept as an ordinary folder',
      '/wci is left out',
      '/placeholder is left out',
    ])
  })

  it('has the extended attributes whose names a record can have', async () => {
    const attribute = (name: string, value: string): Buffer => {
      const bytes = Buffer.alloc(4 + name.length + 1 + value.length)
      bytes.writeUInt16LE(value.length, 0)
      bytes[2] = name.length
      bytes.write(`${name}\0${value}`, 4, 'latin1')
      return bytes
    }
    const items = (...names: string[]): Buffer[] => [
      tagged(2, Buffer.concat(names.map((name) => attribute(name, `value of ${name}`)))),
    ]
    const root = folder([
      file('f', '1', { items: items('A', 'B=C', '=', 'Z') }),
      folder([], { name: 'd', items: items('D=', 'E') }),
      file('g', '2', { items: items('\xff') }),
    ])
    const { notes } = await leftOut(root)
    expect(notes.map((note) => note.split(' is left')[0])).to.deep.equal([
      'the extended attribute B=C of /f',
      'the extended attribute = of /f',
      'the extended attribute D= of /d',
      'the extended attribute \ufffd of /g',
    ])
    const target = writeRawWim(path.join(folders.folder(), 'ea.wim'), [{ root }])
    const store = path.join(folders.folder(), 'store')
    const { layer } = await installWim(target, store, { skipUnsupported: true })
    const records = readTar(layer).flatMap(({ records }) => Object.keys(records))
    expect(records.filter((key) => key.startsWith('MSWINDOWS.xattr.'))).to.deep.equal([
      'MSWINDOWS.xattr.E',
      'MSWINDOWS.xattr.A',
      'MSWINDOWS.xattr.Z',
    ])
  })

  it('is whole where a program of ours wrote the WIM, with a utility VM', async () => {
    const target = path.join(folders.folder(), 'two.wim')
    await makeWim(target, { images: 2 })
    const { layer } = await installWim(target, path.join(folders.folder(), 'store'))
    const { hasUtilityVm, files } = importLayer(readTar(layer))
    expect(hasUtilityVm).to.equal(true)
    expect(files.size).to.equal(readTar(layer).filter(({ name }) => !name.includes(':')).length)
  })

  it('would not be taken with a slash behind its folders', () => {
    const member = (name: string, type: string) => ({ name, type, link: '', records: {} })
    const slashed = [member('Files/', '5'), member('UtilityVM/', '5'), member('UtilityVM/Files/', '5')]
    expect(importLayer(slashed as never).hasUtilityVm).to.equal(false)
    const withStream = [member('Files/', '5'), member('Files:s', '0')]
    expect(() => importLayer(withStream as never)).to.throw('invalid character')
  })
})
