import { mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, save, verify } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { attack, largestBlob, layoutMembers } from './attack.js'

describe('links in a folder that others wrote (CVE-2024-3727 and its kin)', () => {
  const host = attack()
  let folder: string
  let blob: string

  before(function () {
    if (process.platform === 'win32') this.skip()
  })

  beforeEach(() => {
    folder = path.join(host.stick, 'layout')
    blob = largestBlob(layoutMembers(folder))
  })

  /** Moves a file or folder of the layout, and puts a link in its place. */
  function behindLink(name: string, to: string, target: string): void {
    mkdirSync(path.dirname(to), { recursive: true })
    renameSync(path.join(folder, name), to)
    symlinkSync(target, path.join(folder, name))
  }

  describe('are followed where they stay within it', () => {
    const below = (name: string): string => path.join(folder, name)
    const cases: Record<string, () => void> = {
      'a blob': () => behindLink(blob, below('elsewhere/blob'), '../../elsewhere/blob'),
      'a blob behind two links': () => {
        behindLink(blob, below('elsewhere/blob'), '../../elsewhere/second')
        symlinkSync('blob', below('elsewhere/second'))
      },
      'a blob behind a link with the whole path': () =>
        behindLink(blob, below('elsewhere/blob'), below('elsewhere/blob')),
      'a link that goes out and comes back': () =>
        behindLink(blob, below('elsewhere/blob'), '../../../layout/elsewhere/blob'),
      'the folder of blobs': () => behindLink('blobs', below('real'), 'real'),
      'the folder of an algorithm': () => behindLink('blobs/sha256', below('real'), '../real'),
      'index.json': () => behindLink('index.json', below('elsewhere/index.json'), 'elsewhere/index.json'),
    }
    for (const [what, make] of Object.entries(cases))
      it(what, async () => {
        make()
        expect(await host.allowed(folder)).to.include('evil:1.0')
        expect((await verify({ paths: [folder] })).problems).to.deep.equal([])
      })

    it('though the folder itself is behind one', async () => {
      behindLink(blob, path.join(folder, 'elsewhere/blob'), '../../elsewhere/blob')
      const link = path.join(host.stick, 'link')
      symlinkSync('layout', link)
      expect(await host.allowed(link)).to.include('evil:1.0')
    })

    it('and those that lead round are not listed without end', async () => {
      symlinkSync('.', path.join(folder, 'loop'))
      symlinkSync('..', path.join(folder, 'blobs', 'loop'))
      symlinkSync('itself', path.join(folder, 'itself'))
      expect(await host.allowed(folder)).to.include('evil:1.0')
    })
  })

  describe('are refused by name where they do not', () => {
    const outside = (name: string): string => path.join(host.stick, name)
    const cases: Record<string, [make: () => void, code: 'BLOB_MISSING' | 'ARCHIVE_UNKNOWN', said: RegExp]> =
      {
        'a blob': [() => behindLink(blob, outside('blob'), '../../../blob'), 'BLOB_MISSING', /leads out/],
        'a blob, with the whole path': [
          () => behindLink(blob, outside('b'), outside('b')),
          'BLOB_MISSING',
          /leads out/,
        ],
        'a blob, by a link within': [
          () => {
            behindLink(blob, outside('blob'), '../../second')
            symlinkSync('../blob', path.join(folder, 'second'))
          },
          'BLOB_MISSING',
          /leads out/,
        ],
        'a blob, to a folder of a like name': [
          () => behindLink(blob, outside('layout2/blob'), '../../../layout2/blob'),
          'BLOB_MISSING',
          /leads out/,
        ],
        'a blob, to nothing': [
          () => behindLink(blob, outside('b'), 'nothing'),
          'BLOB_MISSING',
          /leads nowhere/,
        ],
        'the folder of blobs': [
          () => behindLink('blobs', outside('blobs'), '../blobs'),
          'BLOB_MISSING',
          /behind blobs/,
        ],
        'the folder of an algorithm': [
          () => behindLink('blobs/sha256', outside('sha256'), '../../sha256'),
          'BLOB_MISSING',
          /behind blobs\/sha256/,
        ],
        'oci-layout': [
          () => behindLink('oci-layout', outside('o'), '../o'),
          'ARCHIVE_UNKNOWN',
          /oci-layout is a link/,
        ],
      }
    for (const [what, [make, code, said]] of Object.entries(cases))
      it(what, async () => {
        make()
        expect((await host.refused(folder, code)).message).to.match(said)
        const { problems } = await verify({ paths: [folder] })
        expect(problems.map(({ message }) => message).join('\n')).to.match(said)
      })
  })

  describe('of a media, a set of volumes and the parts of an archive', () => {
    const at = { platform: 'linux/amd64' }

    it('are refused where a list leads out of the media', async () => {
      const media = path.join(host.stick, 'media')
      mkdirSync(media)
      await save({ ...at, names: [folder], format: 'media', path: media })
      renameSync(path.join(media, 'media.json'), path.join(host.stick, 'media.json'))
      symlinkSync('../media.json', path.join(media, 'media.json'))
      expect((await host.refused(media, 'UNSAFE_NAME')).message).to.match(
        /media\.json is a link that leads out/,
      )
    })

    it('are a problem of the media, told once, where its folder of blobs is one', async () => {
      const media = path.join(host.stick, 'media')
      mkdirSync(media)
      await save({ ...at, names: [folder], format: 'media', path: media })
      renameSync(path.join(media, 'blobs'), path.join(media, 'real'))
      symlinkSync('real', path.join(media, 'blobs'))
      const { problems } = await verify({ paths: [media] })
      const about = problems.filter(({ path: name = '' }) => name.startsWith('blobs'))
      expect(about.map(({ path: name, found }) => [name, found])).to.deep.equal([['blobs', 'a link']])
    })

    it('are followed from volume to volume of one folder, and not out of it', async () => {
      const set = path.join(host.stick, 'set')
      mkdirSync(set)
      const large = host.bring(
        'large.tar',
        tarOf({ 'etc/os-release': 'ID=big\nVERSION_ID=1\n', f: 2_500_000 }),
      )
      await install({ ...at, store: host.store, targets: [large], name: 'big', version: '1.0' })
      await save({
        ...at,
        store: host.store,
        source: host.store,
        names: ['big'],
        path: set,
        volumeSize: 1_100_000,
      })
      const volume = readdirSync(set).find((name) => name.includes('vol2of')) ?? ''
      renameSync(path.join(set, volume), path.join(set, 'real'))
      symlinkSync('real', path.join(set, volume))
      expect((await verify({ paths: [set] })).problems).to.deep.equal([])
      renameSync(path.join(set, 'real'), path.join(host.stick, 'real'))
      unlinkSync(path.join(set, volume))
      symlinkSync('../real', path.join(set, volume))
      const { message } = await host.refused(set, 'UNSAFE_NAME')
      expect(message)
        .to.contain(volume)
        .and.to.match(/leads out/)
    })

    it('are refused where the part of a 7z leads out', async () => {
      const first = host.bring('parts.7z.001', Buffer.from('7z'))
      symlinkSync('/etc/passwd', path.join(host.stick, 'parts.7z.002'))
      expect((await host.failure(first)).message).to.match(/parts\.7z\.002 is a link that leads out/)
    })

    it('may be what a reader names: they are the reader’s own', async () => {
      const archive = path.join(host.stick, 'archive.tar')
      await save({ ...at, names: [folder], path: archive })
      mkdirSync(path.join(host.stick, 'links'))
      const link = path.join(host.stick, 'links', 'link.tar')
      symlinkSync('../archive.tar', link)
      expect(await host.allowed(link)).to.include('evil:1.0')
    })
  })
})
