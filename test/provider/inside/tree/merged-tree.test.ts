import { expect } from 'chai'
import type { LayerRecord } from '../../../../provider/inside/tree/layer-record.js'
import { MergedTree } from '../../../../provider/inside/tree/merged-tree.js'

type Change = Partial<Extract<LayerRecord, { does: 'bring' }>> & { path: string }

function file(path: string, more: Partial<Change> = {}): LayerRecord {
  const plain = { size: 1, mode: 0o644, uid: 0, gid: 0, mtime: 0, offset: 0 }
  return { does: 'bring', kind: 'file', ...plain, ...more, path }
}
const folder = (path: string): LayerRecord => file(path, { kind: 'folder', size: 0, mode: 0o755 })
const link = (path: string, target: string): LayerRecord =>
  file(path, { kind: 'link', size: 0, extra: { target } })
const hardLink = (path: string, to: string): LayerRecord => ({ does: 'link', path, to })
const hidden = (path: string): LayerRecord => ({ does: 'hide', path, all: false })
const opaque = (path: string): LayerRecord => ({ does: 'hide', path, all: true })

function merged(...layers: LayerRecord[][]): MergedTree {
  const tree = new MergedTree('linux')
  for (const [i, records] of layers.entries()) {
    tree.begin(i)
    for (const record of records) tree.apply(record)
  }
  return tree
}
const paths = (tree: MergedTree): string[] => [...tree.entries()].map(({ path }) => path)

describe('the merged tree of an image', () => {
  it('has what its layers bring, in the order of the names, and says which layer brought each', () => {
    const tree = merged([folder('b'), file('b/2'), file('a')], [file('b/1'), file('a', { size: 7 })])
    expect(paths(tree)).to.deep.equal(['a', 'b', 'b/1', 'b/2'])
    expect(tree.get('a')).to.include({ size: 7, layer: 1 })
    expect(tree.get('b')).to.include({ kind: 'folder', layer: 0 })
  })

  it('takes the root of a layer for the root, and makes folders that no layer names', () => {
    const tree = merged([folder(''), file('deep/er/file')])
    expect(paths(tree)).to.deep.equal(['deep', 'deep/er', 'deep/er/file'])
  })

  it('hides what lower layers brought, wherever in its layer the whiteout stands', () => {
    const below = [folder('d'), file('d/old'), file('d/sub/x'), file('gone')]
    const first = merged(below, [opaque('d'), file('d/new'), hidden('gone')])
    const last = merged(below, [file('d/new'), opaque('d'), hidden('gone')])
    expect(paths(first)).to.deep.equal(['d', 'd/new'])
    expect(paths(last)).to.deep.equal(['d', 'd/new'])
    expect(first.removed.map(({ path }) => path)).to.have.members(['d/old', 'd/sub', 'gone'])
  })

  it('keeps what its own layer brings back under a hidden name', () => {
    const tree = merged([folder('d'), file('d/a'), file('d/b')], [file('d/a', { size: 9 }), hidden('d')])
    expect(paths(tree)).to.deep.equal(['d', 'd/a'])
    expect(tree.get('d/a')).to.include({ size: 9 })
  })

  it('finds its way from the folder before it also through links, past what has been replaced, and up again', () => {
    const below = [folder('real'), folder('real/sub'), link('way', 'real'), file('way/sub/in/a')]
    const tree = merged([...below, file('way/sub/in/deeper/b'), file('way/c')], [folder('other')])
    expect(paths(tree).filter((path) => path.startsWith('real/'))).to.deep.equal([
      'real/c',
      'real/sub',
      'real/sub/in',
      'real/sub/in/a',
      'real/sub/in/deeper',
      'real/sub/in/deeper/b',
    ])
    const moved = merged([...below, file('way/sub/d'), link('way', 'other'), file('way/sub/e')])
    expect(paths(moved)).to.include.members(['real/sub/d', 'other/sub/e'])
  })

  it('puts a folder in the place of a file below which something was looked for', () => {
    for (const name of ['f', 'd/f', 'd/e/f']) {
      const tree = merged([file(name)], [hidden(`${name}/x`), file(`${name}/x`)])
      expect(tree.get(name)?.kind, name).to.equal('folder')
      expect(tree.get(`${name}/x`)?.kind, name).to.equal('file')
    }
  })

  it('has a chain of thousands of folders, each in the one before', () => {
    const depth = 20_000
    const tree = new MergedTree('linux')
    let path = ''
    for (let i = 0; i < depth; i++) {
      path = path === '' ? 'd' : `${path}/d`
      tree.apply(folder(path))
    }
    expect(tree.get(path)).to.include({ kind: 'folder' })
  })

  it('puts a file in the place of a folder with all that was in it, and a folder in that of a file', () => {
    expect(paths(merged([file('a/b/c'), file('x')], [file('a'), file('x/y')]))).to.deep.equal([
      'a',
      'x',
      'x/y',
    ])
  })

  it('goes through links on the way as engines do, and never out of the image', () => {
    const tree = merged(
      [file('usr/lib/a'), link('lib', 'usr/lib'), link('out', '../../../../etc'), link('abs', '/usr')],
      [file('lib/b'), file('out/passwd'), hidden('lib/a'), file('abs/c')],
    )
    expect(paths(tree)).to.deep.equal([
      'abs',
      'etc',
      'etc/passwd',
      'lib',
      'out',
      'usr',
      'usr/c',
      'usr/lib',
      'usr/lib/b',
    ])
    expect(tree.follow('lib/b')?.path).to.equal('usr/lib/b')
  })

  it('ends in a circle of links', () => {
    const tree = merged([link('a', 'b'), link('b', 'a'), file('a/c')])
    expect(tree.follow('b/x')).to.equal(undefined)
    expect(paths(tree)).to.include.members(['b'])
  })

  it('follows a link that was put in the place of a folder', () => {
    const tree = merged([file('d/a'), file('e/z')], [file('d/b'), link('d', 'e'), file('d/c')])
    expect(paths(tree)).to.deep.equal(['d', 'e', 'e/c', 'e/z'])
  })

  it('keeps a file that has another name, when its first is taken away', () => {
    const tree = merged(
      [file('a', { size: 5, offset: 512 }), hardLink('b', 'a'), hardLink('c', 'a')],
      [hidden('a')],
    )
    expect([...tree.entries()].map(({ path, size, sameAs }) => [path, size, sameAs])).to.deep.equal([
      ['b', 5, undefined],
      ['c', 5, 'b'],
    ])
    expect(tree.place('c')).to.include({ layer: 0, offset: 512 })
  })

  it('keeps a name and its other names apart once one of them is replaced', () => {
    const tree = merged([file('a', { size: 5 }), hardLink('b', 'a')], [file('a', { size: 6 })])
    expect(tree.get('a')).to.include({ size: 6 })
    expect(tree.get('b')).to.include({ size: 5 })
  })

  it('gives facts of files that are left, once for a file of several names', () => {
    const tree = new MergedTree('linux')
    for (const path of ['a', 'b', 'd']) {
      tree.apply(file(path))
      tree.note(path, { reader: 'r', fact: path })
    }
    tree.apply(hardLink('c', 'a'))
    tree.begin(1)
    tree.apply(hidden('b'))
    tree.apply(file('d'))
    expect([...tree.found()].map(([{ path }, facts]) => [path, facts])).to.deep.equal([
      ['a', [{ reader: 'r', fact: 'a' }]],
    ])
  })

  it('finds every name among many', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `f${i % 50}/${i}`)
    const tree = merged(names.map((name) => file(name)))
    expect(paths(tree)).to.have.length(20_050)
    expect(names.every((name) => tree.get(name)?.path === name)).to.equal(true)
  })
})
