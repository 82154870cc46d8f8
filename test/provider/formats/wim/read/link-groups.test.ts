import path from 'node:path'
import { expect } from 'chai'
import { openWim, readTree, verifyWim } from '../../../../../provider/formats/wim/index.js'
import { scratch } from '../../../../scratch.js'
import { installWim } from '../layer/installed-layer.js'
import { readTar } from '../layer/read-tar.js'
import { file, folder, type RawEntry, writeRawWim } from '../raw-wim.js'

describe('names of one link group that differ in content, as in the WIMs of Windows 7', () => {
  const folders = scratch()
  after(() => folders.remove())

  async function groupsOf(children: RawEntry[]): Promise<string[][]> {
    const target = writeRawWim(path.join(folders.folder(), 'group.wim'), [{ root: folder(children) }])
    const wim = await openWim(target)
    try {
      const { problems } = await verifyWim(wim, { workers: 0 })
      expect(problems).to.deep.equal([])
      const { linkGroups, root } = await readTree(wim, 1)
      for (const [group, entries] of linkGroups)
        for (const entry of entries) expect(entry.linkGroup).to.equal(group)
      const inGroups = new Set([...linkGroups.values()].flat())
      for (const entry of root.children ?? [])
        if (!inGroups.has(entry)) expect(linkGroups.has(entry.linkGroup), entry.name).to.equal(false)
      return [...linkGroups.values()].map((group) => group.map(({ name }) => name))
    } finally {
      await wim.close()
    }
  }

  it('are as many files as there are contents', async () => {
    const named = (names: string, group: number): RawEntry[] =>
      [...names].map((name) => file(name, name.toUpperCase() < 'M' ? 'early' : 'late', { group }))
    expect(await groupsOf(named('anbo', 7))).to.deep.equal([
      ['a', 'b'],
      ['n', 'o'],
    ])
    expect(await groupsOf(named('an', 7))).to.deep.equal([])
    expect(await groupsOf([...named('an', 7), ...named('bco', 9)])).to.deep.equal([['b', 'c']])
  })

  it('are one file where only the order of their streams differs, and several where the streams do', async () => {
    const streams = [
      { name: 's', data: '1' },
      { name: 't', data: '2' },
    ]
    const backwards = [...streams].reverse()
    expect(
      await groupsOf([
        file('a', 'x', { group: 3, streams }),
        file('b', 'x', { group: 3, streams: backwards }),
        file('c', 'x', { group: 3, streams: [{ name: 's', data: '1' }] }),
        file('d', 'x', { group: 3 }),
      ]),
    ).to.deep.equal([['a', 'b']])
  })

  it('with an empty one among them keep it apart', async () => {
    expect(
      await groupsOf([
        file('a', '', { group: 3 }),
        file('b', 'x', { group: 3 }),
        file('c', '', { group: 3 }),
      ]),
    ).to.deep.equal([['a', 'c']])
  })

  it('are hard links in the layer only to what has their content', async () => {
    const target = writeRawWim(path.join(folders.folder(), 'layer.wim'), [
      {
        root: folder([
          file('a', 'A', { group: 7 }),
          file('b', 'B', { group: 7 }),
          folder([file('c', 'A', { group: 7 }), file('d', 'B', { group: 7 })], { name: 'f' }),
        ]),
      },
    ])
    const { layer } = await installWim(target, path.join(folders.folder(), 'store'))
    const members = readTar(layer).filter(({ type }) => type !== '5')
    expect(
      members.map(({ name, type, link, bytes }) => [name, type, link || bytes.toString()]),
    ).to.deep.equal([
      ['Files/a', '0', 'A'],
      ['Files/b', '0', 'B'],
      ['Files/f/c', '1', 'Files/a'],
      ['Files/f/d', '1', 'Files/b'],
    ])
  })
})
