import { expect } from 'chai'
import { comparePaths, pairs } from '../../../../provider/inside/compare/path-order.js'
import type { LayerRecord } from '../../../../provider/inside/tree/layer-record.js'
import { MergedTree } from '../../../../provider/inside/tree/merged-tree.js'

const at = (path: string): { path: string } => ({ path })

describe('the order of paths', () => {
  it('is the one in which a tree is walked', () => {
    const names = [
      'a',
      'a-b',
      'a b',
      'a.b',
      'a/b',
      'a/b/c',
      'a/b-c',
      'a0',
      'ab',
      'b',
      'ä',
      '\udc80',
      'a/\uffff',
    ]
    const tree = new MergedTree('linux')
    tree.begin(0)
    const plain = { size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0, offset: 0 }
    for (const path of names) {
      const kind = names.some((other) => other.startsWith(`${path}/`)) ? 'folder' : 'file'
      tree.apply({ does: 'bring', kind, ...plain, path } satisfies LayerRecord)
    }
    const walked = [...tree.entries()].map(({ path }) => path)
    expect([...names].sort(comparePaths)).to.deep.equal(walked)
  })

  it('brings two trees side by side', () => {
    const first = ['a', 'a/x', 'b'].map(at)
    const second = ['a', 'a/y', 'a-b', 'b', 'c'].map(at)
    const found = [...pairs(first, second)].map(({ path, a, b }) => `${path} ${a ? 1 : 0}${b ? 1 : 0}`)
    expect(found).to.deep.equal(['a 11', 'a/x 10', 'a/y 01', 'a-b 01', 'b 11', 'c 01'])
  })
})
