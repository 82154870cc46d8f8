import { expect } from 'chai'
import { isReadableName, withoutEnding } from '../../../provider/archives/endings.js'

describe('the endings of archives', () => {
  for (const ending of [
    'tar',
    'tgz',
    'txz',
    'tzst',
    'tar.gz',
    'tar.xz',
    'tar.zst',
    'zip',
    '7z',
    '7z.001',
    'TAR',
    'Tar.Xz',
  ])
    it(`make a file readable and are no part of its name: ${ending}`, () => {
      expect(isReadableName(`debian-12-5.${ending}`)).to.equal(true)
      expect(withoutEnding(`debian-12-5.${ending}`)).to.equal('debian-12-5')
    })

  it('are not what stands before them, nor hidden files, nor other endings', () => {
    expect(withoutEnding('my.tar.gz.backup')).to.equal('my.tar.gz.backup')
    expect(withoutEnding('zip.tar')).to.equal('zip')
    for (const name of ['._a.tar', 'a.tar.asc', 'tar', 'a.targz'])
      expect(isReadableName(name), name).to.equal(false)
  })
})
