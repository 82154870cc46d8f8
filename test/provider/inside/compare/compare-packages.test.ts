import { expect } from 'chai'
import { comparePackages } from '../../../../provider/inside/compare/compare-packages.js'
import type { SoftwarePackage } from '../../../../provider/inside/packages/software-package.js'

function of(kind: SoftwarePackage['kind'], name: string, version: string): SoftwarePackage {
  return { kind, name, version, file: 'f', layer: 0 }
}

describe('the packages of two images', () => {
  it('are those of which one has another version, or which only one has', () => {
    const first = [of('deb', 'a', '1'), of('deb', 'b', '1'), of('deb', 'gone', '1'), of('npm', 'a', '1')]
    const second = [of('deb', 'a', '2'), of('deb', 'b', '1'), of('npm', 'a', '1'), of('pypi', 'new', '3')]
    expect(comparePackages(first, second)).to.deep.equal([
      { kind: 'deb', name: 'a', first: ['1'], second: ['2'] },
      { kind: 'deb', name: 'gone', first: ['1'], second: [] },
      { kind: 'pypi', name: 'new', first: [], second: ['3'] },
    ])
  })

  it('may be there in several versions, of which only those count that the other lacks', () => {
    const first = [of('npm', 'a', '1'), of('npm', 'a', '2'), of('npm', 'a', '2')]
    const second = [of('npm', 'a', '2'), of('npm', 'a', '3')]
    expect(comparePackages(first, second)).to.deep.equal([
      { kind: 'npm', name: 'a', first: ['1'], second: ['3'] },
    ])
    expect(comparePackages(first, first)).to.deep.equal([])
  })
})
