import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { openWim, readTree, verifyWim } from '../../../../../provider/formats/wim/index.js'
import { describeWithPeers } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { installWim } from '../layer/installed-layer.js'
import { readTar, type TarMember } from '../layer/read-tar.js'
import { file, folder, type RawEntry, symlinkBuffer, tagged, writeRawWim } from '../raw-wim.js'
import { wimlib } from '../wimlib.js'

const OWNED = { unix: { uid: 7, gid: 8, mode: 0o100640 } }
const OWNED_FOLDER = { unix: { mode: 0o40755 } }

describe('a WIM of a Linux tree', () => {
  const folders = scratch()
  after(() => folders.remove())

  const wimOf = (root: RawEntry): string => writeRawWim(path.join(folders.folder(), 'tree.wim'), [{ root }])

  async function problemsOf(file: string): Promise<string[]> {
    const wim = await openWim(file)
    const { problems } = await verifyWim(wim, { workers: 0 })
    await wim.close()
    return problems.map(({ code, message }) => `${code} ${message}`)
  }

  async function membersOf(file: string): Promise<TarMember[]> {
    const named = { name: 'x', version: '1.0' }
    const { layer, config } = await installWim(file, path.join(folders.folder(), 'store'), named)
    expect(config.os).to.equal('linux')
    return readTar(layer)
  }

  it('may have backslashes in its names', async () => {
    const names = ['system-systemd\\x2dcryptsetup.slice', '\\', 'a\\b\\..\\c', 'C:\\x', '..\\..\\up']
    const target = wimOf(
      folder(
        names.map((name) => file(name, 'x', OWNED)),
        OWNED_FOLDER,
      ),
    )
    expect(await problemsOf(target)).to.deep.equal([])
    const found = (await membersOf(target)).filter(({ type }) => type === '0').map(({ name }) => name)
    expect(found).to.have.members(names)
  })

  it('may have them in folders, links and deeper ones', async () => {
    const target = wimOf(
      folder(
        [
          folder([file('in\\side', 'x', OWNED)], { name: 'fol\\der', ...OWNED_FOLDER }),
          {
            name: 'li\\nk',
            reparse: { tag: 0xa000000c, data: symlinkBuffer('a/b', true) },
            unix: { mode: 0o120777 },
          },
        ],
        OWNED_FOLDER,
      ),
    )
    const found = (await membersOf(target)).map(({ name, link }) => [name.replace(/\/$/, ''), link])
    expect(found).to.deep.include.members([
      ['fol\\der', ''],
      ['fol\\der/in\\side', ''],
      ['li\\nk', 'a\\b'],
    ])
  })

  it('may have none in a tree of Windows, nor a slash in any', async () => {
    for (const name of ['a\\b', '\\'])
      expect(await problemsOf(wimOf(folder([file('a', 'x'), file(name, 'x')])))).to.have.length(1)
    const added = folder([file('windows', 'x'), file('a\\b', 'x', OWNED)])
    expect((await problemsOf(wimOf(added)))[0]).to.match(/^UNSAFE_NAME .*backslash/)
    expect((await problemsOf(wimOf(folder([file('a/b', 'x', OWNED)], OWNED_FOLDER))))[0]).to.match(
      /^UNSAFE_NAME/,
    )
  })

  it('is known by its files, where its folders were on no disk', async () => {
    const target = wimOf(
      folder([
        folder([folder([file('su', 'x', { unix: { uid: 0, gid: 3, mode: 0o104755 } })], { name: 'bin' })], {
          name: 'usr',
        }),
      ]),
    )
    const members = await membersOf(target)
    const su = members.find(({ name }) => name === 'usr/bin/su')
    expect(su).to.include({ mode: 0o4755, gid: 3 })
    expect(members.find(({ name }) => name.startsWith('usr/bin/'))?.mode).to.equal(0o755)
  })

  it('is none where one of its files has no owner, or it has no file at all', async () => {
    for (const root of [
      folder([file('a', 'x'), file('b', 'x', OWNED)]),
      folder([folder([], { name: 'd' })]),
    ]) {
      const wim = await openWim(wimOf(root))
      expect((await readTree(wim, 1)).isUnix).to.equal(false)
      await wim.close()
    }
  })

  it('keeps relative targets that look like a drive, and takes the drive off absolute ones', async () => {
    const link = (name: string, substitute: string, isRelative: boolean, print?: string): RawEntry => ({
      name,
      reparse: { tag: 0xa000000c, data: symlinkBuffer(substitute, isRelative, print) },
      unix: { mode: 0o120777 },
    })
    const target = wimOf(
      folder(
        [
          link('1', 'C:\\x', true),
          link('2', 'C:', true),
          link('3', 'z:\\a/b', true),
          link('4', '\\??\\C:\\etc\\passwd', false, 'C:\\etc\\passwd'),
          link('5', '\\??\\C:\\a/b', false, 'C:\\a/b'),
          link('6', '..\\C:\\x', true),
          link('7', '\\??\\C:\\', false, 'C:\\'),
        ],
        OWNED_FOLDER,
      ),
    )
    const found = Object.fromEntries((await membersOf(target)).map(({ name, link }) => [name, link]))
    expect(found).to.include({
      1: 'C:/x',
      2: 'C:',
      3: 'z:/a\\b',
      4: '/etc/passwd',
      5: '/a\\b',
      6: '../C:/x',
      7: '/',
    })
  })

  it('keeps names that are no UTF-8 as the bytes that they were, apart from each other', async () => {
    const target = wimOf(
      folder(
        ['a\ud800', 'a\ud801', '\udfff\ud800', 'x\u{1f99c}'].map((name) => file(name, name, OWNED)),
        OWNED_FOLDER,
      ),
    )
    const named = { name: 'x', version: '1.0' }
    const { layer } = await installWim(target, path.join(folders.folder(), 'store'), named)
    const bytes = readFileSync(layer)
    for (const hex of ['61eda080', '61eda081', 'edbfbfeda080', '78f09fa69c'])
      expect(
        bytes.includes(Buffer.concat([Buffer.from(' path='), Buffer.from(hex, 'hex'), Buffer.from('\n')])),
        hex,
      ).to.equal(true)
  })

  it('has the extended attributes of wimlib 1.11 and 1.12', async () => {
    const old = (...pairs: [string, string][]): Buffer =>
      Buffer.concat(
        pairs.map(([name, value]) => {
          const bytes = Buffer.alloc(Math.ceil((8 + name.length + value.length) / 4) * 4)
          bytes.writeUInt16LE(name.length, 0)
          bytes.writeUInt32LE(value.length, 4)
          bytes.write(name + value, 8, 'latin1')
          return bytes
        }),
      )
    const long = 'v'.repeat(70_000)
    const xattrs: [string, string][][] = [
      [['user.a', 'b']],
      [
        ['user.abc', 'one'],
        ['user.x', ''],
        ['security.capability', 'two'],
      ],
      [
        ['user.long', long],
        ['user.last', 'z'],
      ],
    ]
    const target = wimOf(
      folder(
        xattrs.map((pairs, i) => file(`${i}`, 'x', { ...OWNED, items: [tagged(0x337dd874, old(...pairs))] })),
        OWNED_FOLDER,
      ),
    )
    const members = await membersOf(target)
    for (const [i, pairs] of xattrs.entries()) {
      const records = Object.entries(members.find(({ name }) => name === `${i}`)?.records ?? {})
      const found = records.filter(([key]) => key.startsWith('SCHILY.xattr.'))
      expect(Object.fromEntries(found)).to.deep.equal(
        Object.fromEntries(pairs.map(([name, value]) => [`SCHILY.xattr.${name}`, value])),
      )
    }
  })
})

describeWithPeers(['wimlib-imagex'], 'what wimlib captures of Linux', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('comes back with its names, modes and links, of a folder and of a list of sources', async () => {
    const work = folders.folder()
    const tree = path.join(work, 'tree')
    mkdirSync(tree)
    writeFileSync(path.join(tree, 'x\\2dy'), 'x')
    chmodSync(path.join(tree, 'x\\2dy'), 0o4711)
    for (const [i, target] of ['C:/x', '/abs', 'a\\b', 'C:', '/', '..', '/C:/x'].entries())
      symlinkSync(target, path.join(tree, `link${i}`))
    const list = path.join(work, 'list')
    writeFileSync(list, `${tree}\topt/deep/tree\n`)
    const whole = path.join(work, 'whole.wim')
    const listed = path.join(work, 'listed.wim')
    wimlib('capture', tree, whole, '--unix-data')
    wimlib('capture', list, listed, '--source-list', '--unix-data')
    const named = { name: 'x', version: '1.0' }
    const first = readTar((await installWim(whole, path.join(work, 'a'), named)).layer)
    const second = readTar((await installWim(listed, path.join(work, 'b'), named)).layer)
    for (const [members, prefix] of [
      [first, ''],
      [second, 'opt/deep/tree/'],
    ] as const) {
      const by = new Map(members.map((member) => [member.name, member]))
      expect(by.get(`${prefix}x\\2dy`)?.mode).to.equal(0o4711)
      const links = Array.from({ length: 7 }, (_, i) => by.get(`${prefix}link${i}`)?.link)
      expect(links).to.deep.equal(['C:/x', '/abs', 'a\\b', 'C:', '/', '..', '/C:/x'])
    }
  })
})
