import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { itWithLinks, MAY_LINK } from '../links.js'
import { scratch } from '../scratch.js'
import {
  BASE,
  file,
  folder,
  type Host,
  hardLink,
  hostAt,
  LAID_OUT,
  OURS,
  REPORT,
  symlink,
} from './hostile-layers.js'
import { type HostileMember, member, pax } from './tar-builder.js'

const HIVES = ['System_Base', 'Software_Base', 'Sam_Base', 'Security_Base', 'DefaultUser_Base']
const CONFIG = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT'].map((name) =>
  file(`Files/Windows/System32/config/${name}`, `hive ${name}`),
)

describe('links that a layer made are never written or read through (CVE-2021-29136, CVE-2021-32760)', () => {
  const folders = scratch()
  after(() => folders.remove())

  const host = (above = folders.folder()): Host => hostAt(above)

  describe('in the place of a file of ours', () => {
    for (const name of OURS) {
      const places: Record<string, (home: string) => HostileMember[]> = {
        'a symlink to a file': (home) => [symlink(name, path.join(home, 'authorized_keys'))],
        'a symlink to a folder': (home) => [symlink(name, home)],
        'a symlink to what is not there': (home) => [symlink(name, path.join(home, 'new'))],
        'a relative symlink': () => [symlink(name, '../../home/authorized_keys')],
        'a hard link to a symlink': (home) => [
          symlink('Files/l', path.join(home, 'authorized_keys')),
          hardLink(name, 'Files/l'),
        ],
        'a file': () => [file(name, 'x'.repeat(5000))],
        'a folder with files in it': () => [folder(`${name}/`), file(`${name}/x`, 'x')],
        'a symlink over a folder of the same name': (home) => [
          folder(`${name}/`),
          symlink(`${name}/x`, home),
        ],
      }
      /** What a second layer has; no layer has one name twice. */
      const second: Record<string, (home: string) => HostileMember[]> = {
        'a symlink over a folder of the same name': (home) => [
          symlink(name, path.join(home, 'authorized_keys')),
        ],
      }
      for (const [what, members] of Object.entries(places))
        it(`${name}: ${what}`, async () => {
          const { home, layOut } = host()
          const layers = [[...BASE, ...CONFIG, ...members(home)], second[what]?.(home) ?? []]
          const image = await layOut(layers, 'ssh-ed25519 AAAA attacker')
          for (const own of OURS) expect(lstatSync(path.join(image, own)).isFile(), own).to.equal(true)
          const read = (own: string): string => readFileSync(path.join(image, own), 'utf8')
          expect(read('version.wcx')).to.equal('BuildNumber=0\r\nProductName=ssh-ed25519 AAAA attacker\r\n')
          expect(JSON.parse(read('metadata.json'))).to.include({ Name: 'evil', Path: image })
          expect(read(REPORT)).to.contain(`${name}: of the layer, in whose place`)
          expect(readdirSync(path.dirname(image))).to.deep.equal([LAID_OUT])
        })
    }

    it('version.wcx holds its two lines, whatever the image calls its edition', async () => {
      const image = await host().layOut([[...BASE]], 'x\r\nssh-ed25519 AAAA attacker\n\u001b[2J')
      const lines = readFileSync(path.join(image, 'version.wcx'), 'latin1').split('\n')
      expect(lines).to.have.length(3)
      expect(lines.join('')).to.match(/^[\x20-\x7e\r]*$/)
    })
  })

  describe('in the place of the folder of hives', () => {
    it('a symlink to a folder', async () => {
      const { home, layOut } = host()
      const image = await layOut([[...BASE, ...CONFIG, symlink('Hives', home)]])
      expect(lstatSync(path.join(image, 'Hives')).isDirectory()).to.equal(true)
      expect(readdirSync(path.join(image, 'Hives')).sort()).to.deep.equal([...HIVES].sort())
    })

    it('a file', async () => {
      const image = await host().layOut([[...BASE, ...CONFIG, file('Hives', 'x')]])
      expect(readdirSync(path.join(image, 'Hives'))).to.have.length(HIVES.length)
    })

    it('symlinks in it', async () => {
      const { home, layOut } = host()
      const links = HIVES.map((name) => symlink(`Hives/${name}`, path.join(home, 'authorized_keys')))
      const image = await layOut([[...BASE, ...CONFIG, folder('Hives/'), ...links, file('Hives/own', 'x')]])
      expect(readFileSync(path.join(image, 'Hives/System_Base'), 'utf8')).to.equal('hive SYSTEM')
      for (const name of HIVES) expect(lstatSync(path.join(image, 'Hives', name)).isFile()).to.equal(true)
      expect(readFileSync(path.join(image, 'Hives/own'), 'utf8')).to.equal('x')
    })
  })

  describe('on the way to the registry of the image', () => {
    const missing = async (members: (home: string) => HostileMember[]): Promise<void> => {
      const { home, layOut } = host()
      const image = await layOut([members(home)])
      expect(readdirSync(path.join(image, 'Hives'))).to.deep.equal([])
      expect(readFileSync(path.join(image, REPORT), 'utf8')).to.contain('config/SAM: is not in the image')
    }

    it('the folder Files', () => missing((home) => [symlink('Files', home)]))
    it('a folder within it', () =>
      missing((home) => [folder('Files/'), symlink('Files/Windows', path.join(home, 'Windows'))]))
    it('the files', () =>
      missing((home) => [
        ...BASE,
        ...['SYSTEM', 'SAM'].map((name) =>
          symlink(`Files/Windows/System32/config/${name}`, path.join(home, 'Windows/System32/config', name)),
        ),
      ]))
    it('the files, by hard links to symlinks', () =>
      missing((home) => [
        ...BASE,
        symlink('Files/l', path.join(home, 'Windows/System32/config/SAM')),
        hardLink('Files/Windows/System32/config/SAM', 'Files/l'),
      ]))
  })

  describe('on the way to a file of a layer', () => {
    const through: Record<string, (home: string) => HostileMember[][]> = {
      'in the same layer': (home) => [
        [folder('Files/'), symlink('Files/l', home), file('Files/l/new', 'evil')],
      ],
      // Not further up than the folder of the test: who follows it may remove what is on the way.
      'by a way up': () => [
        [folder('Files/'), symlink('Files/l', '../../../home'), file('Files/l/authorized_keys', 'evil')],
      ],
      'in a later layer': (home) => [
        [folder('Files/'), symlink('Files/l', home)],
        [file('Files/l/authorized_keys', 'evil')],
      ],
      'with a folder on the way': (home) => [[symlink('Files', home), file('Files/Windows/new', 'evil')]],
      'of which it first was a folder': (home) => [
        [folder('Files/'), folder('Files/l/'), file('Files/l/x', 'x')],
        [symlink('Files/l', home)],
        [file('Files/l/authorized_keys', 'evil')],
      ],
      'by a link that leads to another link': (home) => [
        [folder('Files/'), symlink('Files/a', home), symlink('Files/b', 'a'), file('Files/b/new', 'evil')],
      ],
      'that is a hard link to a link': (home) => [
        [
          folder('Files/'),
          symlink('Files/a', home),
          hardLink('Files/b', 'Files/a'),
          file('Files/b/new', 'evil'),
        ],
      ],
      'to make a folder': (home) => [[folder('Files/'), symlink('Files/l', home), folder('Files/l/new/')]],
      'to make a link': (home) => [[folder('Files/'), symlink('Files/l', home), symlink('Files/l/new', 'x')]],
      'to take away a file': (home) => [
        [folder('Files/'), symlink('Files/l', home), file('Files/l/.wh.authorized_keys', '')],
      ],
      'to take away all': (home) => [
        [folder('Files/'), symlink('Files/l', home)],
        [file('Files/l/.wh..wh..opq', '')],
      ],
      'as the file itself': (home) => [
        [folder('Files/'), symlink('Files/l', path.join(home, 'authorized_keys'))],
        [file('Files/l', 'evil')],
      ],
    }
    for (const [what, layers] of Object.entries(through))
      it(what, async () => {
        const { home, layOut } = host()
        await layOut(layers(home))
      })

    it('for its time', async () => {
      const { home, layOut } = host()
      const old = pax({ mtime: '1000000000.5' })
      await layOut([[folder('Files/'), old, member(symlink('Files/l', path.join(home, 'authorized_keys')))]])
      const other = host()
      await other.layOut([[old, member(folder('Files/')), old, member(symlink('Files/d', other.home))]])
    })

    it('for a hard link to what it leads to', async () => {
      const { home, layOut } = host()
      const refused = await layOut([
        [folder('Files/'), symlink('Files/l', home), hardLink('Files/h', 'Files/l/authorized_keys')],
      ]).then(
        () => undefined,
        (reason) => reason,
      )
      expect(refused).to.include({ code: 'UNSAFE_NAME' })
    })

    it('whose hard link is a symlink again, and no second name of what it leads to', async () => {
      const { home, layOut } = host()
      const target = path.join(home, 'authorized_keys')
      const image = await layOut([
        [folder('Files/'), symlink('Files/l', target), hardLink('Files/h', 'Files/l')],
      ])
      if (MAY_LINK) expect(readlinkSync(path.join(image, 'Files/h'))).to.equal(target)
      expect(lstatSync(target).nlink).to.equal(1)
    })

    it('for a stream, which would be one of what it leads to', async () => {
      const { home, layOut } = host()
      const target = path.join(home, 'authorized_keys')
      const image = await layOut([
        [
          folder('Files/'),
          symlink('Files/l', target),
          file('Files/l:stream', 'evil'),
          file('Files/a::$DATA', 'x'),
        ],
      ])
      expect(readdirSync(path.join(image, 'Files'))).to.deep.equal(MAY_LINK ? ['l'] : [])
      const report = readFileSync(path.join(image, REPORT), 'utf8')
      expect(report).to.contain('Files/l: alternate data stream stream of 4 bytes')
      expect(report).to.contain('Files/a::$DATA: the whole file')
    })
  })

  itWithLinks(
    'whoever made the folder that is there: a link to one is not an image that was laid out',
    async () => {
      const above = folders.folder()
      const { home, layOut } = host(above)
      writeFileSync(path.join(home, 'metadata.json'), '{"Digest":"sha256:0"}')
      mkdirSync(path.join(above, 'images'))
      symlinkSync(home, path.join(above, 'images', LAID_OUT))
      const refused = await layOut([[...BASE]]).then(
        () => undefined,
        (reason) => reason,
      )
      expect(refused).to.include({ code: 'FILE_EXISTS' })
    },
  )

  itWithLinks('what an earlier run left beside the folder: links are removed and not followed', async () => {
    const above = folders.folder()
    const { home, layOut } = host(above)
    mkdirSync(path.join(above, 'images'))
    for (const ending of ['new', 'report', 'new.old'])
      symlinkSync(
        ending === 'report' ? path.join(home, 'authorized_keys') : home,
        path.join(above, 'images', `.${LAID_OUT}.${ending}`),
      )
    await layOut([[...BASE]])
    expect(readdirSync(path.join(above, 'images'))).to.deep.equal([LAID_OUT])
  })
})
