import path from 'node:path'
import { attack, largestBlob, layoutMembers, openTar } from './attack.js'
import { END, member } from './tar-builder.js'

describe('names that one file system takes for the same (CVE-2021-37712, CVE-2026-23950)', () => {
  const host = attack()
  const archive = (): Map<string, Buffer> => layoutMembers(path.join(host.stick, 'made'))
  const evil = Buffer.from('{"imageLayoutVersion":"1.0.0","evil":true}')

  for (const name of [
    'INDEX.JSON',
    'Index.json',
    'OCI-LAYOUT',
    'Manifest.json',
    'BLOBS/sha256/x',
    'blobs/SHA256/x',
  ])
    it(`refuses ${name} in an OCI archive`, async () => {
      const file = host.bring('evil.tar', openTar(archive()), member({ name, bytes: evil }), END)
      await host.refused(file, ['UNSAFE_NAME', 'ARCHIVE_INVALID'])
    })

  it('refuses a blob whose name has hex digits of both cases', async () => {
    const members = archive()
    const name = largestBlob(members)
    const bytes = members.get(name) ?? Buffer.alloc(0)
    const loud = name.replace(/[a-f]/, (digit) => digit.toUpperCase())
    const file = host.bring('evil.tar', openTar(members), member({ name: loud, bytes }), END)
    await host.refused(file, ['UNSAFE_NAME', 'ARCHIVE_INVALID'])
  })

  it('refuses a folder beside one that differs in case', async () => {
    const file = host.bring('evil.tar', openTar(archive()), member({ name: 'Blobs/', type: '5' }), END)
    await host.refused(file, 'UNSAFE_NAME')
  })

  for (const name of ['BLOBS~1', 'blobs/SHA256~1', 'INDEX~1.JSO'])
    it(`refuses the short name ${name}`, async () => {
      const file = host.bring('evil.tar', openTar(archive()), member({ name, bytes: evil }), END)
      await host.refused(file, 'UNSAFE_NAME')
    })

  for (const [what, names] of Object.entries({
    'two cases': ['layer/a.json', 'layer/A.json'],
    'composed and decomposed': ['caf\u00e9.json', 'cafe\u0301.json'],
    'the Kelvin sign': ['k.json', '\u212a.json'],
  }))
    it(`refuses names of ${what} in a docker archive`, async () => {
      const manifest = Buffer.from(JSON.stringify([{ Config: names[0], RepoTags: ['evil:1'], Layers: [] }]))
      const file = host.bring(
        'evil.tar',
        member({ name: 'manifest.json', bytes: manifest }),
        ...names.map((name) => member({ name, bytes: evil })),
        END,
      )
      await host.refused(file, 'ARCHIVE_INVALID')
    })
})
