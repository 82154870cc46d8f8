import path from 'node:path'
import { expect } from 'chai'
import { fileName } from '../../provider/verbs/save/saved-files.js'
import { attack, layoutMembers, openTar } from './attack.js'
import { END, member } from './tar-builder.js'

/** What Windows takes for a device, a drive, a stream of another file, or another name. */
const NAMES = [
  'CON',
  'nul',
  'COM1',
  'COM1 ',
  'com¹',
  'LPT9.txt',
  'AUX.json',
  'CONIN$',
  'blobs/PRN',
  'blobs/sha256/NUL',
  'C:x',
  'c:\\windows\\x',
  'C:/windows/x',
  'index.json.',
  'index.json ',
  'blobs./sha256/x',
  'index.json:evil',
  'index.json::$DATA',
  'blobs/sha256:evil',
  'what?',
  'a|b',
  '\\\\?\\C:\\x',
  '\\\\server\\share',
  'a\tb',
]

describe('Windows device and drive names (CVE-2025-23084, CVE-2023-45284)', () => {
  const host = attack()

  for (const name of NAMES)
    for (const type of ['0', '5'])
      it(`refuses a ${type === '0' ? 'file' : 'folder'} ${JSON.stringify(name)}`, async () => {
        const bytes = type === '0' ? { bytes: Buffer.from('x') } : {}
        const extra = member({ name: type === '0' ? name : `${name}/`, type, ...bytes })
        const file = host.bring('evil.tar', openTar(layoutMembers(path.join(host.stick, 'made'))), extra, END)
        await host.refused(file, 'UNSAFE_NAME')
      })

  for (const [name, version] of [
    ['CON', '1.0'],
    ['nul', ''],
    ['C:evil', '1.0'],
    ['a:b', '1:2'],
    ['dot.', 'dot.'],
    ['blank ', 'blank '],
    ['../evil', '../evil'],
    ['..\\evil', '1'],
    ['evil\0', '1\n'],
    ['/etc/evil', '/'],
  ] as const)
    it(`saves ${JSON.stringify(name)} ${JSON.stringify(version)} under a name that every system takes for one file`, () => {
      const made = fileName({ name, version })
      expect(made).to.match(/^[A-Za-z0-9_.-]+\.tar$/)
      expect(path.basename(made)).to.equal(made)
      expect(made).not.to.match(/^(con|prn|aux|nul|com\d|lpt\d)\./i)
      expect(made).not.to.match(/^\.+$/)
    })
})
