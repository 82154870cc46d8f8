import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../manifests/index.js'
import { verify } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { itWithLinks } from '../links.js'
import { attack, largestBlob, layoutMembers, listing, openTar, tarOfMembers } from './attack.js'
import { END, member, pax } from './tar-builder.js'

/** What a system has and no image should get at. */
const SECRET = '/etc/passwd'

describe('absolute paths, .. and link escapes (CVE-2021-32803, CVE-2026-23745, CVE-2026-24842, CVE-2020-27833)', () => {
  const host = attack()
  const archive = (): Map<string, Buffer> => layoutMembers(path.join(host.stick, 'made'))

  describe('in an OCI archive', () => {
    for (const name of [
      '/etc/cron.d/evil',
      '../evil',
      'blobs/../../evil',
      'blobs/sha256/../../../evil',
      './../evil',
      '..',
      '..\\evil',
      'blobs\\sha256\\evil',
    ]) {
      it(`refuses a member ${name}`, async () => {
        const file = host.bring(
          'evil.tar',
          openTar(archive()),
          member({ name, bytes: Buffer.from('x') }),
          END,
        )
        await host.refused(file, 'UNSAFE_NAME')
      })

      it(`refuses a member ${name} that pax names`, async () => {
        const hidden = [pax({ path: name }), member({ name: 'oci-layout2', bytes: Buffer.from('x') })]
        await host.refused(host.bring('evil.tar', openTar(archive()), ...hidden, END), 'UNSAFE_NAME')
      })
    }

    for (const name of [
      'evil',
      'blobs/evil',
      'blobs/sha256/evil',
      `blobs/sha256/${'0'.repeat(64)}/evil`,
      'blobs/md5/d41d8cd98f00b204e9800998ecf8427e',
      'etc/cron.d/evil',
    ])
      for (const isInPax of [false, true])
        it(`does not read a member ${name}${isInPax ? ' that pax names' : ''}`, async () => {
          const bytes = Buffer.from('x')
          const others = isInPax
            ? [pax({ path: name }), member({ name: 'x', bytes })]
            : [member({ name, bytes })]
          const file = host.bring('other.tar', openTar(archive()), ...others, END)
          await host.allowed(file)
          expect(Object.keys(listing(host.store)).filter((there) => there.includes('evil'))).to.deep.equal([])
        })

    it('refuses a NUL in the name that pax gives', async () => {
      const hidden = [pax({ path: 'index.json\0.evil' }), member({ name: 'x', bytes: Buffer.from('x') })]
      await host.refused(host.bring('evil.tar', openTar(archive()), ...hidden, END), 'UNSAFE_NAME')
    })

    for (const type of ['1', '2'])
      for (const linkName of [SECRET, '../../../../../../etc/passwd', 'no-such-file', 'blobs'])
        it(`refuses a blob that is a ${type === '1' ? 'hard ' : ''}link to ${linkName}`, async () => {
          const members = archive()
          const name = largestBlob(members)
          members.delete(name)
          const file = host.bring('evil.tar', openTar(members), member({ name, type, linkName }), END)
          await host.refused(file, 'UNSAFE_NAME')
        })

    it('refuses a link behind which a later member would be written', async () => {
      const members = archive()
      const link = member({ name: 'blobs', type: '2', linkName: '/tmp' })
      await host.refused(host.bring('evil.tar', link, tarOfMembers(members)), 'UNSAFE_NAME')
    })

    for (const [type, what] of Object.entries({ 3: 'character device', 4: 'block device', 6: 'pipe' }))
      it(`refuses a ${what}`, async () => {
        const file = host.bring(
          'evil.tar',
          openTar(archive()),
          member({ name: `blobs/sha256/${'a'.repeat(64)}`, type }),
          END,
        )
        await host.refused(file, 'UNSAFE_NAME')
      })

    it('refuses a blob that is a link to another file of the archive, by its digest', async () => {
      const members = archive()
      const name = largestBlob(members)
      members.delete(name)
      const link = member({ name, type: '1', linkName: 'index.json' })
      const file = host.bring('evil.tar', openTar(members), link, END)
      await host.refused(file, ['SIZE_MISMATCH', 'DIGEST_MISMATCH'])
    })

    for (const type of ['1', '2'])
      it(`reads a blob through a ${type === '1' ? 'hard ' : ''}link to its bytes in the archive`, async () => {
        const members = archive()
        const name = largestBlob(members)
        const bytes = members.get(name) ?? Buffer.alloc(0)
        members.delete(name)
        const linkName = type === '1' ? './extra/layer' : '../../extra/layer'
        const real = member({ name: 'extra/layer', bytes })
        const file = host.bring('linked.tar', openTar(members), real, member({ name, type, linkName }), END)
        await host.allowed(file)
        expect((await verify({ paths: [file], store: host.store })).problems).to.deep.equal([])
      })

    it('refuses blobs that link to each other in a circle', async () => {
      const [one, two] = [`blobs/sha256/${'a'.repeat(64)}`, `blobs/sha256/${'b'.repeat(64)}`]
      const links = [
        member({ name: one, type: '1', linkName: two }),
        member({ name: two, type: '1', linkName: one }),
      ]
      await host.refused(host.bring('evil.tar', openTar(archive()), ...links, END), 'UNSAFE_NAME')
    })

    for (const linkName of ['/etc/passwd', '../etc/passwd', 'docs/../../x'])
      it(`refuses a link of another name to ${linkName}`, async () => {
        const link = member({ name: 'readme', type: '2', linkName })
        await host.refused(host.bring('evil.tar', openTar(archive()), link, END), 'UNSAFE_NAME')
      })
  })

  describe('in a docker archive', () => {
    const docker = (layer: string, ...members: Buffer[]): string => {
      const tar = tarOf({ 'etc/evil': 'x' })
      const config = JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
      })
      const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['evil:1'], Layers: [layer] }])
      return host.bring(
        'evil.tar',
        member({ name: 'manifest.json', bytes: Buffer.from(manifest) }),
        member({ name: 'config.json', bytes: Buffer.from(config) }),
        member({ name: 'real/layer.tar', bytes: tar }),
        ...members,
        END,
      )
    }

    it('follows a link inside the archive, as old archives have them', async () => {
      const link = member({ name: 'other/layer.tar', type: '2', linkName: '../real/layer.tar' })
      await host.allowed(docker('other/layer.tar', link))
    })

    for (const layer of [SECRET, '../../../../../../../etc/passwd', '..', 'real/../../etc/passwd'])
      it(`refuses a layer ${layer}`, async () => {
        await host.refused(docker(layer), ['UNSAFE_NAME', 'BLOB_MISSING'])
      })

    for (const type of ['1', '2'])
      for (const linkName of [SECRET, '../../../../../../../etc/passwd'])
        it(`refuses a layer that is a ${type === '1' ? 'hard ' : ''}link to ${linkName}`, async () => {
          const link = member({ name: 'other/layer.tar', type, linkName })
          await host.refused(docker('other/layer.tar', link), 'UNSAFE_NAME')
        })

    it('refuses links that lead in a circle', async () => {
      const one = member({ name: 'one/layer.tar', type: '2', linkName: '../two/layer.tar' })
      const two = member({ name: 'two/layer.tar', type: '2', linkName: '../one/layer.tar' })
      await host.refused(docker('one/layer.tar', one, two), 'UNSAFE_NAME')
    })

    it('refuses a device', async () => {
      await host.refused(docker('real/layer.tar', member({ name: 'dev/sda', type: '4' })), 'UNSAFE_NAME')
    })

    itWithLinks('refuses a link out of a folder into which an archive was unpacked', async () => {
      const folder = path.join(host.stick, 'unpacked')
      mkdirSync(folder)
      execFileSync('tar', ['xf', docker('real/layer.tar'), '-C', folder])
      writeFileSync(path.join(host.stick, 'outside.tar'), readFileSync(path.join(folder, 'real/layer.tar')))
      rmSync(path.join(folder, 'real/layer.tar'))
      symlinkSync('../../outside.tar', path.join(folder, 'real/layer.tar'))
      await host.refused(folder, 'UNSAFE_NAME')
    })
  })

  describe('in a layout on disk', () => {
    const layout = (): { folder: string; blob: string } => {
      const folder = path.join(host.stick, 'layout')
      const members = layoutMembers(folder)
      return { folder, blob: path.join(folder, largestBlob(members)) }
    }

    itWithLinks('reads no blob through a link, even where it has the right bytes', async () => {
      const { folder, blob } = layout()
      const elsewhere = path.join(host.stick, 'elsewhere')
      renameSync(blob, elsewhere)
      symlinkSync(elsewhere, blob)
      await host.refused(folder, 'BLOB_MISSING')
    })

    itWithLinks('reads no index through a link', async () => {
      const { folder } = layout()
      renameSync(path.join(folder, 'index.json'), path.join(host.stick, 'index.json'))
      symlinkSync('../index.json', path.join(folder, 'index.json'))
      await host.refused(folder, 'ARCHIVE_UNKNOWN')
    })

    it('reads no folder in place of a blob', async () => {
      const { folder, blob } = layout()
      rmSync(blob)
      mkdirSync(blob)
      await host.refused(folder, 'BLOB_MISSING')
    })
  })

  describe('in the tarball of a root filesystem', () => {
    for (const name of ['/etc/evil', '../evil', 'etc/../../evil', 'usr/..'])
      it(`refuses ${name}`, async () => {
        const rootfs = member({ name: 'etc/os-release', bytes: Buffer.from('ID=evil\nVERSION_ID=1\n') })
        const file = host.bring('rootfs.tar', rootfs, member({ name, bytes: Buffer.from('x') }), END)
        await host.refused(file, 'UNSAFE_NAME', { platform: 'linux/amd64' })
      })

    it('takes the names of systemd, which have backslashes and colons', async () => {
      const rootfs = tarOf({
        'etc/os-release': 'ID=fine\nVERSION_ID=1\n',
        'usr/lib/systemd/system/system-systemd\\x2dcryptsetup.slice': 'x',
        'c:/x': 'x',
      })
      await host.allowed(host.bring('rootfs.tar', rootfs), { platform: 'linux/amd64' })
    })
  })
})
