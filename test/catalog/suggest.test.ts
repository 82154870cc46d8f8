import { expect } from 'chai'
import { editDistance, suggest } from '../../catalog/suggest.js'

describe('suggestions', () => {
  const distances: [a: string, b: string, distance: number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['debian', 'debian', 0],
    ['debain', 'debian', 1],
    ['debin', 'debian', 1],
    ['ubuntuu', 'ubuntu', 1],
    ['alpime', 'alpine', 1],
    ['kitten', 'sitting', 3],
  ]
  for (const [a, b, distance] of distances)
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${distance} apart`, () => {
      expect(editDistance(a, b)).to.equal(distance)
    })

  const names = ['NanoServer', 'WindowsServerCore', 'WindowsServer', 'debian', 'dotnet-aspnet', 'alpine']

  it('gives near names without regard to case, the nearest first', () => {
    expect(suggest('nanosever', names)).to.deep.equal(['NanoServer'])
    expect(suggest('windowsserver', names)[0]).to.equal('WindowsServer')
  })

  it('gives names that contain what was written', () => {
    expect(suggest('aspnet', names)).to.deep.equal(['dotnet-aspnet'])
  })

  it('gives nothing where nothing is near', () => {
    expect(suggest('qqqqqq', names)).to.deep.equal([])
    expect(suggest('ab', names)).to.deep.equal([])
    expect(suggest('x'.repeat(10_000), names)).to.deep.equal([])
  })
})
