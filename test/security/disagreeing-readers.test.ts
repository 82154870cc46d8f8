import path from 'node:path'
import { attack, largestBlob, layoutMembers, openTar, tarOfMembers } from './attack.js'
import { END, longName, member, pax, record } from './tar-builder.js'

const BLOCKS = 512

describe('parsers that disagree (TARmageddon, CVE-2025-62518; node-tar 7.5.16 to 7.5.18)', () => {
  const host = attack()
  const archive = (): Map<string, Buffer> => layoutMembers(path.join(host.stick, 'made'))
  /** A tar in the bytes of a member: whoever takes the member for empty sees these members instead. */
  const smuggled = (): Buffer =>
    member({ name: 'index.json', bytes: Buffer.from('{"schemaVersion":2,"manifests":[]}') })
  /** An archive whose last member, which stands for a blob, is one that readers disagree about. */
  const refused = async (...parts: Buffer[]): Promise<void> => {
    await host.refused(host.bring('evil.tar', openTar(archive()), ...parts, END), 'ARCHIVE_INVALID')
  }
  const blob = `blobs/sha256/${'a'.repeat(64)}`

  describe('about the size of a member', () => {
    it('refuses a pax size where the header says 0', async () => {
      await refused(
        pax({ size: String(smuggled().length) }),
        member({ name: blob, size: 0, bytes: smuggled() }),
      )
    })

    it('refuses a pax size of 0 where the header says more', async () => {
      await refused(pax({ size: '0' }), member({ name: blob, bytes: smuggled() }))
    })

    it('refuses a pax size that is smaller than the header says', async () => {
      await refused(pax({ size: String(BLOCKS) }), member({ name: blob, bytes: smuggled() }))
    })

    it('refuses a pax size of 8 GiB beside a small one in the header', async () => {
      await refused(pax({ size: String(8 ** 11) }), member({ name: blob, bytes: smuggled() }))
    })

    it('refuses two pax sizes', async () => {
      const twice = Buffer.concat([record('size', '1024'), record('size', '0')])
      await refused(pax(twice), member({ name: blob, bytes: smuggled() }))
    })

    it('refuses two pax headers for one member', async () => {
      await refused(pax({ size: '1024' }), pax({ mtime: '1' }), member({ name: blob, bytes: smuggled() }))
    })

    it('refuses a pax size for all members', async () => {
      await refused(pax({ size: '0' }, 'g'), member({ name: blob, bytes: smuggled() }))
    })

    for (const size of ['-1', '0x400', '1e3', ' 1024', '1024 ', '', '9'.repeat(30), '１０２４'])
      it(`refuses the pax size ${JSON.stringify(size)}`, async () => {
        await refused(pax({ size }), member({ name: blob, bytes: smuggled() }))
      })

    it('refuses a negative size in base-256', async () => {
      await refused(member({ name: blob, size: Buffer.alloc(12, 0xff), bytes: smuggled() }))
    })

    it('refuses a size in base-256 that no number holds', async () => {
      await refused(
        member({ name: blob, size: Buffer.from(`80${'7f'.repeat(11)}`, 'hex'), bytes: smuggled() }),
      )
    })

    for (const size of ['-0000001000\0', '0000000abc\0\0', '00000009999\0', '0x000000400\0'])
      it(`refuses ${JSON.stringify(size)} for a size`, async () => {
        await refused(member({ name: blob, size: Buffer.from(size, 'latin1'), bytes: smuggled() }))
      })

    it('refuses a size beyond the end of the archive', async () => {
      await refused(member({ name: blob, size: 8 ** 10, bytes: smuggled() }))
    })

    for (const [type, what] of Object.entries({ 5: 'folder', 1: 'hard link', 2: 'link' }))
      it(`refuses bytes behind a ${what}`, async () => {
        await refused(member({ name: 'blobs', type, linkName: 'x', bytes: smuggled() }))
      })

    it('refuses sparse files of pax, whose bytes are a map for some readers', async () => {
      const sparse = pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'index.json',
      })
      await refused(sparse, member({ name: blob, bytes: smuggled() }))
    })

    it('refuses sparse files of the old kind', async () => {
      await refused(member({ name: blob, type: 'S', bytes: smuggled() }))
    })
  })

  describe('about the name of a member', () => {
    it('refuses a pax path beside a long name of GNU', async () => {
      await refused(longName(blob), pax({ path: 'index.json' }), member({ name: 'x', bytes: smuggled() }))
    })

    it('refuses a member that has two names, though nothing has either', async () => {
      await refused(longName('one'), pax({ path: 'two' }), member({ name: 'three' }))
    })

    it('refuses two long names', async () => {
      await refused(longName(blob), longName('index.json'), member({ name: 'x', bytes: smuggled() }))
    })

    it('refuses an empty pax path, which some readers take for none', async () => {
      await refused(pax({ path: '' }), member({ name: 'index.json', bytes: smuggled() }))
    })

    it('refuses a pax path for all members', async () => {
      await refused(pax({ path: blob }, 'g'), member({ name: 'index.json', bytes: smuggled() }))
    })

    it('refuses one name twice', async () => {
      await refused(member({ name: 'index.json', bytes: Buffer.from('{}') }))
    })

    it('refuses one name twice, spelled in two ways', async () => {
      await refused(member({ name: './/index.json', bytes: Buffer.from('{}') }))
    })

    it('refuses a file and a folder of one name', async () => {
      await refused(member({ name: 'index.json/', type: '5' }))
    })
  })

  describe('about what is a member', () => {
    for (const type of ['A', 'V', 'D', 'M', 'N', 'X', '8', '\x01', 'é'])
      it(`refuses the type ${JSON.stringify(type)}`, async () => {
        await refused(member({ name: blob, type, bytes: smuggled() }))
      })

    it('refuses members behind one block of zeros, which end the archive for some readers', async () => {
      const members = archive()
      const hidden = [Buffer.alloc(BLOCKS), member({ name: 'evil', bytes: Buffer.from('x') })]
      await host.refused(host.bring('evil.tar', openTar(members), ...hidden, END), 'ARCHIVE_INVALID')
    })

    it('refuses a header with a wrong checksum in the middle', async () => {
      const members = openTar(archive())
      const bad = member({ name: blob, bytes: Buffer.from('x') })
      bad[0] = 0x62 ^ 1
      await host.refused(host.bring('evil.tar', members, bad, END), 'ARCHIVE_INVALID')
    })

    it('refuses an archive that ends behind an extension', async () => {
      await refused(pax({ path: blob }))
    })

    it('does not mind what stands behind the end', async () => {
      const members = tarOfMembers(archive())
      await host.allowed(host.bring('fine.tar', members, Buffer.from('left over')))
    })
  })

  describe('about extensions', () => {
    for (const [what, content] of Object.entries({
      'without an end': '30 path=x',
      'without a length': 'path=x\n',
      'with a length of 0': '0 path=x\n',
      'with a negative length': '-9 path=x\n',
      'with a length in hex': '0xa path=x\n',
      'with a length of 1e1': '1e1 pth=x\n',
      'without an equals sign': '9 path x\n',
      'without a key': '6 =xy\n',
      'that reach beyond their end': '99 path=x\n',
      'with zeros between them': '10 path=x\n\0\0\0\0',
    }))
      it(`refuses pax records ${what}`, async () => {
        await refused(pax(Buffer.from(content)), member({ name: blob, bytes: smuggled() }))
      })

    it('refuses a pax header of many megabytes before it is read', async () => {
      const long = member({
        name: 'x',
        type: 'x',
        bytes: Buffer.from(record('comment', 'x'.repeat(2_000_000))),
      })
      await refused(long, member({ name: 'oci-layout2' }))
    })

    it('refuses a long name of many megabytes before it is read', async () => {
      await refused(member({ name: 'x', type: 'L', size: 7 * 1024 ** 3 }))
    })

    it('refuses a pax header that is cut short', async () => {
      const cut = pax({ path: blob }).subarray(0, BLOCKS + 4)
      const file = host.bring('evil.tar', openTar(archive()), cut)
      await host.refused(file, 'ARCHIVE_INVALID')
    })
  })

  it('refuses an archive that is cut short, wherever it is cut', async () => {
    const members = archive()
    const name = largestBlob(members)
    const whole = tarOfMembers(members)
    const last = whole.length - END.length
    for (const at of [1, 511, 513, 1025, 3000, last - 1, last - 600]) {
      const file = host.bring(`cut-${at}.tar`, whole.subarray(0, at))
      await host.refused(file, ['ARCHIVE_INVALID', 'ARCHIVE_UNKNOWN', 'BLOB_MISSING'])
    }
    members.delete(name)
    await host.refused(host.bring('less.tar', tarOfMembers(members)), 'BLOB_MISSING')
  })
})
