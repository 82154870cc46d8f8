import { expect } from 'chai'
import { isPortablePath } from '../../manifests/index.js'

describe('a path on a media', () => {
  it('stays below its folder, and has names that every stick can hold', () => {
    for (const path of [
      '../up',
      'a/../../up',
      '/etc/passwd',
      'C:/x',
      'a\\b',
      'a/./b',
      'a//b',
      'a.',
      'a\n',
      '',
      5,
    ])
      expect(isPortablePath(path), String(path)).to.equal(false)
    expect(isPortablePath('blobs/sha256/a')).to.equal(true)
  })
})
