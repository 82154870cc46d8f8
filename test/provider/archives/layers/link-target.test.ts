import { expect } from 'chai'
import { linkedPath } from '../../../../provider/archives/layers/link-target.js'

describe('where a link of an image leads', () => {
  for (const [link, target, expected] of [
    ['bin', 'usr/bin', 'usr/bin'],
    ['bin', '/usr/bin/', 'usr/bin'],
    ['usr/lib64', 'lib', 'usr/lib'],
    ['usr/lib64', './../lib', 'lib'],
    ['usr/lib64', '../../../../etc', 'etc'],
    ['usr/lib64', '/../etc', 'etc'],
    ['l', '/', ''],
    ['l', '', ''],
    ['a/l', '..\\b', 'a/..\\b'],
  ] as const)
    it(`on Linux: ${link} to ${JSON.stringify(target)}`, () => {
      expect(linkedPath(link.split('/'), target, 'linux').join('/')).to.equal(expected)
    })

  for (const [link, target, expected] of [
    ['Files/l', 'Windows', 'Files/Windows'],
    ['Files/Users/l', '..\\Windows\\System32', 'Files/Windows/System32'],
    ['Files/Users/l', 'C:\\Windows', 'Files/Windows'],
    ['files/l', '\\Windows', 'files/Windows'],
    ['Files/l', '\\??\\C:\\ProgramData\\', 'Files/ProgramData'],
    ['Files/l', '\\\\?\\C:\\ProgramData', 'Files/ProgramData'],
    ['UtilityVM/Files/l', 'C:\\Windows', 'UtilityVM/Files/Windows'],
    ['Files', 'C:\\Windows', 'Windows'],
    ['Files/l', '..\\..\\..\\x', 'x'],
  ] as const)
    it(`on Windows: ${link} to ${target}`, () => {
      expect(linkedPath(link.split('/'), target, 'windows').join('/')).to.equal(expected)
    })
})
