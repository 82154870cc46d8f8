import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, save } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { attack, layoutMembers } from './attack.js'
import { END, member, pax } from './tar-builder.js'

describe('ownership and modes (CVE-2024-25621)', () => {
  const host = attack()

  /** An archive whose members are setuid, writable for all, and somebody else's. */
  const archive = (): string => {
    const members = layoutMembers(path.join(host.stick, 'made'))
    const parts = [...members].flatMap(([name, bytes]) => [
      pax({ uid: '4711', gid: '4711', mtime: '9999999999', 'SCHILY.xattr.security.capability': 'evil' }),
      member({ name, bytes, mode: 0o6777, uid: 4711 }),
    ])
    return host.bring('evil.tar', ...parts, END)
  }

  it('gives its own to what it installs', async function () {
    if (process.platform === 'win32') this.skip()
    await install({ targets: [archive()], store: host.store })
    for (const name of readdirSync(host.store, { recursive: true, encoding: 'utf8' })) {
      const stats = statSync(path.join(host.store, name))
      expect(stats.mode & 0o7022, name).to.equal(0)
      expect(stats.uid, name).to.equal(process.getuid?.())
      if (stats.isFile() && name.startsWith('blobs')) expect(stats.mode & 0o777, name).to.equal(0o444)
      expect(stats.mtimeMs).to.be.below(Date.now() + 60_000)
    }
  })

  it('gives its own to what it saves', async function () {
    if (process.platform === 'win32') this.skip()
    const file = path.join(host.stick, 'saved.tar')
    await save({ names: [archive()], path: file })
    expect(statSync(file).mode & 0o7133).to.equal(0)
    const listed = execFileSync('tar', ['tvf', file, '--numeric-owner'], { encoding: 'utf8' })
      .trim()
      .split('\n')
    for (const line of listed) expect(line).to.match(/^-rw-r--r-- 0\/0 .* 1970-01-01 /)
  })
})

describe('applying layers: a root filesystem is carried and never unpacked (CVE-2021-29136, CVE-2021-32760)', () => {
  const host = attack()

  it('takes links, whiteouts and modes as bytes', async () => {
    const rootfs = [
      tarOf({ 'etc/os-release': 'ID=odd\nVERSION_ID=1\n' }).subarray(0, -1024),
      member({ name: 'etc/passwd', type: '2', linkName: '/etc/passwd' }),
      member({ name: 'root', type: '2', linkName: '/.' }),
      member({ name: 'root/evil', bytes: Buffer.from('behind a link'), mode: 0o6777 }),
      member({ name: 'up', type: '2', linkName: '../../../../..' }),
      member({ name: 'up/evil', bytes: Buffer.from('behind a link') }),
      member({ name: '.wh..wh..opq' }),
      member({ name: 'etc/.wh.passwd' }),
      member({ name: 'dev/null', type: '3' }),
      END,
    ]
    const tags = await host.allowed(host.bring('rootfs.tar', ...rootfs), { platform: 'linux/amd64' })
    expect(tags).to.include('odd:1')
    const names = readdirSync(host.store, { recursive: true, encoding: 'utf8' })
    expect(names.filter((name) => /evil|passwd|root/.test(name))).to.deep.equal([])
  })
})
