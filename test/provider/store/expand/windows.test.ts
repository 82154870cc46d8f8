import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { scratch } from '../../../scratch.js'
import { file, folder, hardLink, hostAt, REPORT, symlink } from '../../../security/hostile-layers.js'
import { type HostileMember, member, pax } from '../../../security/tar-builder.js'
import { onFoldingDisk, onWindows } from '../../../windows.js'

type Members = (HostileMember | Buffer)[]

describe('laying an image out on Windows', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  /** Which links were asked for, with their kinds. */
  let links: [target: string, kind: string][]
  /** Lays out on Windows, where no user may make symlinks unless `maySymlink`. */
  async function laidOut(
    layers: Members[],
    { maySymlink = false, disk = 'as it is' as 'as it is' | 'folds' | 'folds, no numbers' } = {},
  ): Promise<{ image: string; report: string }> {
    const above = temporary.folder()
    const { layOut } = hostAt(above)
    links = []
    const step = () =>
      onWindows(
        {
          symlink(target, _, kind = '') {
            links.push([target, kind])
            return maySymlink || kind === 'junction' ? undefined : 'EPERM'
          },
        },
        () => layOut(layers),
      )
    const image = await (disk === 'as it is' ? step() : onFoldingDisk(above, disk === 'folds', step))
    return { image, report: readFileSync(path.join(image, REPORT), 'utf8') }
  }

  const junction = (name: string, target: string): Members => [
    pax({ 'MSWINDOWS.mountpoint': '1', 'MSWINDOWS.fileattr': String(0x410) }),
    symlink(name, target),
  ]
  const folderLink = (name: string, target: string): Members => [
    pax({ 'MSWINDOWS.fileattr': String(0x410) }),
    symlink(name, target),
  ]
  const root = folder('Files/')

  it('makes junctions without a privilege, and names each link that takes one', async () => {
    const { image, report } = await laidOut([
      [
        root,
        ...junction('Files/All Users', 'C:\\ProgramData'),
        ...folderLink('Files/absolute', 'C:\\Windows'),
        ...folderLink('Files/later', 'e'),
        symlink('Files/one.txt', 'two.txt'),
        folder('Files/e/'),
        file('Files/e/x.txt', 'x'),
      ],
    ])
    expect(readlinkSync(path.join(image, 'Files/All Users'))).to.equal('C:\\ProgramData')
    expect(links).to.deep.equal([
      ['C:\\ProgramData', 'junction'],
      ['C:\\Windows', 'dir'],
      ['C:\\Windows', 'junction'],
      ['e', 'dir'],
      ['two.txt', 'file'],
    ])
    expect(readdirSync(path.join(image, 'Files')).sort()).to.deep.equal(['All Users', 'absolute', 'e'])
    expect(report).to.match(/^Files\/absolute: .*symlink to C:\\Windows, made as a junction$/m)
    expect(report).to.match(/^Files\/later: .*symlink to e, which may not be made here$/m)
    expect(report).to.match(/^Files\/one.txt: .*symlink to two.txt, which may not be made here$/m)
    expect(report).not.to.match(/^Files\/All Users:.*junction/m)
  })

  it('makes links to folders as such before their target is there, where the user may', async () => {
    const { image } = await laidOut([[root, ...folderLink('Files/later', 'e'), folder('Files/e/')]], {
      maySymlink: true,
    })
    expect(links).to.deep.equal([['e', 'dir']])
    expect(readlinkSync(path.join(image, 'Files/later'))).to.equal('e')
  })

  it('lists the names that Windows has not, and holds all others', async () => {
    const untaken = ['what?.txt', 'x<y', 'COM7.log', 'dot.', 'sp ', 'Lpt1', 'tab\there']
    const { image, report } = await laidOut([
      [root, ...untaken.map((name) => file(`Files/${name}`, 'lost')), file('Files/NULL.txt', 'kept')],
    ])
    expect(readdirSync(path.join(image, 'Files'))).to.deep.equal(['NULL.txt'])
    for (const name of untaken.filter((one) => !one.includes('\t')))
      expect(report).to.include(`Files/${name}: the whole file, as Windows has no such name\n`)
  })

  for (const system of ['here', 'on Windows'])
    it(`lists names that are not UTF-8, none of which becomes another: ${system}`, async () => {
      const latin = (text: string) => Buffer.from(text, 'latin1')
      const members: Members = [
        root,
        { name: latin('Files/\xe9'), bytes: Buffer.from('1') },
        { name: latin('Files/\xe8'), bytes: Buffer.from('2') },
        { name: latin('Files/a\xed\xa0\x80'), bytes: Buffer.from('3') },
        { name: latin('Files/a\xed\xa0\x80:s'), bytes: Buffer.from('4') },
        { name: latin('Files/d\xff/'), type: '5' },
        { name: latin('Files/d\xff/x'), bytes: Buffer.from('5') },
        file('Files/\ufffd', 'kept'),
        file('Files/b', 'kept'),
      ]
      const { image, report } =
        system === 'here'
          ? await hostAt(temporary.folder())
              .layOut([members])
              .then((place) => ({ image: place, report: readFileSync(path.join(place, REPORT), 'utf8') }))
          : await laidOut([members])
      expect(readdirSync(path.join(image, 'Files')).sort()).to.deep.equal(['b', '\ufffd'])
      expect(readFileSync(path.join(image, 'Files/\ufffd'), 'utf8')).to.equal('kept')
      expect(report.match(/the whole file, as its name is not UTF-8$/gm)).to.have.length(5)
    })

  it('leaves out further names of what it leaves out', async () => {
    const { image, report } = await laidOut([
      [root, file('Files/what?', 'lost'), hardLink('Files/a', 'Files/what?')],
      [hardLink('Files/b', 'Files/a'), file('Files/c', 'kept'), hardLink('Files/d', 'Files/c')],
    ])
    expect(readdirSync(path.join(image, 'Files'))).to.deep.equal(['c', 'd'])
    expect(report).to.include('Files/a: the whole file, a hard link to Files/what?, which is left out\n')
    expect(report).to.include('Files/b: the whole file, a hard link to Files/a, which is left out\n')
  })

  for (const disk of ['folds', 'folds, no numbers'] as const) {
    it(`keeps a folder that differs from a file or folder in case only: ${disk}`, async () => {
      const { image, report } = await laidOut(
        [
          [
            root,
            folder('Files/Data/'),
            file('Files/Data/one.txt', '1'),
            file('files/DATA/two.txt', '2'),
            folder('Files/data/'),
            file('Files/dATA', 'a file'),
            symlink('Files/DATA', 'elsewhere'),
            hardLink('Files/daTa', 'Files/Data/one.txt'),
          ],
        ],
        { disk, maySymlink: true },
      )
      expect(readdirSync(path.join(image, 'Files'))).to.deep.equal(['Data'])
      expect(readdirSync(path.join(image, 'Files/Data')).sort()).to.deep.equal(['one.txt', 'two.txt'])
      for (const name of ['dATA', 'DATA', 'daTa'])
        expect(report).to.match(new RegExp(`^Files/${name}: the whole file, .*Files/Data$`, 'm'))
    })

    it(`names a file that another one of its layer hides, and lets a later layer replace it: ${disk}`, async () => {
      const { image, report } = await laidOut(
        [
          [root, file('Files/Read.me', 'first'), file('Files/read.ME', 'second'), file('Files/b', 'old')],
          [file('Files/B', 'new'), file('Files/.wh.READ.me', '')],
        ],
        { disk },
      )
      expect(report).to.match(/^Files\/read.ME: the whole file, .*Files\/Read.me$/m)
      expect(readdirSync(path.join(image, 'Files')).map((name) => name.toUpperCase())).to.deep.equal(['B'])
      expect(
        readFileSync(path.join(image, 'Files', readdirSync(path.join(image, 'Files'))[0] ?? ''), 'utf8'),
      ).to.equal('new')
      expect(report).not.to.match(/^Files\/B:/m)
    })
  }

  it('copies what cannot have a second name', async () => {
    const above = temporary.folder()
    const { layOut } = hostAt(above)
    const image = await onWindows({ link: (_, to) => (to.includes('images') ? 'EMLINK' : undefined) }, () =>
      layOut([[root, file('Files/a', 'text'), member(hardLink('Files/b', 'Files/a'))]]),
    )
    expect(readFileSync(path.join(image, 'Files/b'), 'utf8')).to.equal('text')
    expect(lstatSync(path.join(image, 'Files/b')).nlink).to.equal(1)
    expect(readFileSync(path.join(image, REPORT), 'utf8')).to.include(
      'Files/b: hard link to Files/a, made as a copy\n',
    )
    expect(existsSync(path.join(image, 'metadata.json'))).to.equal(true)
  })
})
