import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, verify } from '../../provider/index.js'
import { itWithLinks } from '../links.js'
import { scratch } from '../scratch.js'
import { answering } from '../windows.js'
import {
  BASE,
  file,
  folder,
  hardLink,
  LAID_OUT,
  layerOf,
  REPORT,
  symlink,
  windowsLayout,
} from './hostile-layers.js'
import type { HostileMember } from './tar-builder.js'

/** All files and links below a folder; links are not followed. */
function filesIn(root: string, folder: string): string[] {
  const all = readdirSync(path.join(root, folder), { withFileTypes: true })
  const found = all.flatMap((entry) => {
    const name = path.posix.join(folder, entry.name)
    return entry.isDirectory() ? filesIn(root, name) : [name]
  })
  return found.sort()
}

describe('an image of Windows that is laid out', () => {
  const folders = scratch()
  after(() => folders.remove())

  /** Lays layers out; returns the folder and all files and links in it, but for ours. */
  const laidOut = async (...layers: HostileMember[][]): Promise<{ image: string; files: string[] }> => {
    const above = folders.folder()
    const store = path.join(above, 'store')
    const layout = windowsLayout(
      path.join(above, 'image'),
      layers.map((members) => layerOf(...members)),
    )
    expect((await verify({ paths: [layout] })).problems).to.deep.equal([])
    await install({ targets: [layout], store, expand: true })
    const image = path.join(above, 'images', LAID_OUT)
    return { image, files: filesIn(image, '').filter((name) => name.includes('/')) }
  }

  const T = [folder('Files/'), folder('Files/t/'), file('Files/t/old', 'old')]

  for (const mayLink of [true, false])
    describe(`leads through its own links, and never out of it${mayLink ? '' : ', though none may be made'}`, () => {
      let restore = (): void => {}
      before(() => {
        if (!mayLink) restore = answering({ symlink: () => 'EPERM' })
      })
      after(() => restore())
      describeLinks(mayLink)
    })

  /** @param mayLink whether links can be made at all; what lies behind one is laid out the same */
  function describeLinks(mayLink: boolean): void {
    const itHere = mayLink ? itWithLinks : it
    const LINKS = ['Files/l', 'Files/m']

    for (const [what, layers, expected] of [
      [
        'a file of the same layer',
        [[...T, symlink('Files/l', 't'), file('Files/l/new', 'x')]],
        ['Files/t/new', 'Files/t/old'],
      ],
      [
        'a file of a later layer',
        [[...T, symlink('Files/l', 't')], [file('Files/l/new', 'x')]],
        ['Files/t/new', 'Files/t/old'],
      ],
      [
        'a file in the place of another',
        [[...T, symlink('Files/l', 't')], [file('Files/l/old', 'x')]],
        ['Files/t/old'],
      ],
      [
        'a folder in it',
        [
          [...T, symlink('Files/l', 't')],
          [folder('Files/l/d/'), file('Files/l/d/x', 'x')],
        ],
        ['Files/t/d/x', 'Files/t/old'],
      ],
      [
        'a link to a drive',
        [[...T, symlink('Files/l', 'C:\\t')], [file('Files/l/new', 'x')]],
        ['Files/t/new', 'Files/t/old'],
      ],
      [
        'a link that leads out',
        [[...T, symlink('Files/l', '..\\..\\..\\Files\\t'), file('Files/l/new', 'x')]],
        ['Files/t/new', 'Files/t/old'],
      ],
      [
        'a link to a link',
        [[...T, symlink('Files/m', 't'), symlink('Files/l', 'm')], [file('Files/l/new', 'x')]],
        ['Files/m', 'Files/t/new', 'Files/t/old'],
      ],
      [
        'a link to what is not there yet',
        [[...T, symlink('Files/l', 'n\\m')], [file('Files/l/new', 'x')]],
        ['Files/n/m/new', 'Files/t/old'],
      ],
      ['a whiteout', [[...T, symlink('Files/l', 't')], [file('Files/l/.wh.old', '')]], []],
      [
        'a whiteout of all',
        [
          [...T, symlink('Files/l', 't')],
          [file('Files/l/.wh..wh..opq', ''), file('Files/l/new', 'x')],
        ],
        ['Files/t/new'],
      ],
      [
        'a hard link',
        [[...T, symlink('Files/l', 't'), hardLink('Files/h', 'Files/l/old')]],
        ['Files/h', 'Files/t/old'],
      ],
    ] as [string, HostileMember[][], string[]][])
      itHere(what, async () => {
        const { image, files } = await laidOut(...layers)
        const links = LINKS.filter((name) => name === 'Files/l' || expected.includes(name))
        const others = expected.filter((name) => !LINKS.includes(name))
        expect(files).to.deep.equal([...(mayLink ? links : []), ...others].sort())
        if (mayLink) expect(lstatSync(path.join(image, 'Files/l')).isSymbolicLink()).to.equal(true)
        else
          for (const name of links)
            expect(readFileSync(path.join(image, REPORT), 'utf8')).to.contain(`${name}: symlink to`)
      })

    itHere('a link that leads elsewhere later', async () => {
      const { files } = await laidOut(
        [...T, symlink('Files/l', 't'), file('Files/l/d/1', 'x')],
        [symlink('Files/l', 'u'), file('Files/l/d/2', 'x')],
        [folder('Files/l/'), file('Files/l/d/3', 'x')],
      )
      expect(files).to.deep.equal(['Files/l/d/3', 'Files/t/d/1', 'Files/t/old', 'Files/u/d/2'])
    })

    for (const [what, members] of Object.entries({
      'a link to itself': [symlink('Files/l', 'l'), file('Files/l/x', 'x')],
      'two to each other': [symlink('Files/l', 'm'), symlink('Files/m', 'l'), file('Files/m/x', 'x')],
      'one that leads through itself': [symlink('Files/l', 'l\\l'), folder('Files/l/x/')],
    }))
      itHere(`and is refused for a circle: ${what}`, async () => {
        const refused = await laidOut([...T, ...members]).then(
          () => undefined,
          (reason) => reason,
        )
        expect(refused).to.include({ code: 'UNSAFE_NAME' })
      })
  }

  describe('has the hives that its layers bring', () => {
    const CONFIG = 'Files/Windows/System32/config'
    for (const [what, layers, expected] of [
      [
        'in an update',
        [[...BASE], [folder('Hives/'), file('Hives/Sam_Delta', 'd'), file('Hives/System_Delta', 'd')]],
        ['Sam_Delta', 'System_Delta'],
      ],
      ['without an entry for the folder', [[...BASE, file('Hives/System_Delta', 'd')]], ['System_Delta']],
      [
        'in two updates',
        [[...BASE], [file('Hives/Sam_Delta', '1')], [file('Hives/Sam_Delta', 'd')]],
        ['Sam_Delta'],
      ],
      [
        'which a later one takes away',
        [[...BASE, file('Hives/Sam_Delta', '1'), file('Hives/x', 'd')], [file('Hives/.wh.Sam_Delta', '')]],
        ['x'],
      ],
    ] as [string, HostileMember[][], string[]][])
      it(what, async () => {
        const { image } = await laidOut(...layers)
        expect(readdirSync(path.join(image, 'Hives')).sort()).to.deep.equal(expected)
        for (const name of expected)
          expect(readFileSync(path.join(image, 'Hives', name), 'utf8')).to.equal('d')
      })

    it('beside those of the image itself', async () => {
      const own = [
        ...BASE,
        file(`${CONFIG}/SAM`, 'sam'),
        file('Hives/Sam_Base', 'old'),
        file('Hives/Sam_Delta', 'd'),
      ]
      const { image } = await laidOut(own)
      expect(readFileSync(path.join(image, 'Hives/Sam_Base'), 'utf8')).to.equal('sam')
      expect(readdirSync(path.join(image, 'Hives')).sort()).to.deep.equal(['Sam_Base', 'Sam_Delta'])
    })
  })
})
