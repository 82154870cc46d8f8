import path from 'node:path'
import { expect } from 'chai'
import type { ErrorCode } from '../../manifests/index.js'
import { scratch } from '../scratch.js'
import { attack, largestBlob, layoutMembers } from './attack.js'
import { type ZipMember, type ZipShape, zipOf, zipOfMembers } from './zip-builder.js'

describe('hostile zips', () => {
  const host = attack()
  const temporary = scratch()
  let members: Map<string, Buffer>

  before(() => {
    members = layoutMembers(path.join(temporary.folder(), 'layout'))
  })
  after(() => temporary.remove())

  const evil = Buffer.from('evil')

  it('takes the same zip where nothing is wrong with it', async () => {
    expect(await host.allowed(host.bring('good.zip', zipOfMembers(members)))).to.include('evil:1.0')
  })

  const added: Record<string, { member: ZipMember; code: ErrorCode; says: RegExp }> = {
    'an absolute name': { member: { name: '/etc/passwd', bytes: evil }, code: 'UNSAFE_NAME', says: /passwd/ },
    'a name that leads out': {
      member: { name: '../evil', bytes: evil },
      code: 'UNSAFE_NAME',
      says: /\.\.\/evil/,
    },
    'a name that leads out further in': {
      member: { name: 'blobs/../../evil', bytes: evil },
      code: 'UNSAFE_NAME',
      says: /evil/,
    },
    'a name with backslashes': {
      member: { name: '..\\evil', bytes: evil },
      code: 'UNSAFE_NAME',
      says: /evil/,
    },
    'a drive': { member: { name: 'C:evil', bytes: evil }, code: 'UNSAFE_NAME', says: /C:evil/ },
    'a NUL in a name': { member: { name: 'evil\0.txt', bytes: evil }, code: 'UNSAFE_NAME', says: /evil/ },
    'a device of Windows': { member: { name: 'blobs/CON', bytes: evil }, code: 'UNSAFE_NAME', says: /CON/ },
    'a symbolic link': {
      member: { name: 'blobs/sha256', bytes: evil, mode: 0o120777 },
      code: 'UNSAFE_NAME',
      says: /link/,
    },
    'a device': { member: { name: 'evil', mode: 0o020644 }, code: 'UNSAFE_NAME', says: /device/ },
    'a folder with bytes': {
      member: { name: 'blobs/', bytes: evil, mode: 0 },
      code: 'UNSAFE_NAME',
      says: /blobs/,
    },
    'a second member of a name': {
      member: { name: 'index.json', bytes: evil },
      code: 'ARCHIVE_INVALID',
      says: /index\.json.*twice/,
    },
    'a name in other case': {
      member: { name: 'INDEX.json', bytes: evil },
      code: 'ARCHIVE_INVALID',
      says: /INDEX\.json.*twice/,
    },
    'an encrypted member': {
      member: { name: 'blobs/x', bytes: evil, flags: 1 },
      code: 'ARCHIVE_INVALID',
      says: /blobs\/x.*encrypted/,
    },
    'a method that is not known': {
      member: { name: 'blobs/x', bytes: evil, method: 93 },
      code: 'ARCHIVE_INVALID',
      says: /blobs\/x.*compressed/,
    },
    'another name in the directory': {
      member: { name: 'blobs/x', listedAs: 'blobs/y', bytes: evil },
      code: 'ARCHIVE_INVALID',
      says: /blobs\/y.*two ways/,
    },
    'another size in the directory': {
      member: { name: 'blobs/x', deflate: true, listedSize: 9, bytes: evil },
      code: 'ARCHIVE_INVALID',
      says: /blobs\/x.*two ways/,
    },
    'bytes that belong to no member': {
      member: { name: 'blobs/x', bytes: evil, gap: zipOf([]) },
      code: 'ARCHIVE_INVALID',
      says: /belong to no member/,
    },
    'a member over another': {
      member: { name: 'blobs/x', bytes: evil, headerOffset: 0 },
      code: 'ARCHIVE_INVALID',
      says: /over another|two ways|no member/,
    },
  }
  for (const [what, { member, code, says }] of Object.entries(added))
    it(`refuses ${what}, and names it`, async () => {
      const error = await host.refused(host.bring('evil.zip', zipOfMembers(members, [member])), code)
      expect(error.message).to.match(says)
      expect(error.message).to.include('evil.zip')
    })

  const shapes: Record<string, { shape: ZipShape; says: RegExp }> = {
    'bytes before the first member': {
      shape: { before: Buffer.from('#!/bin/sh\n') },
      says: /archive|no member/,
    },
    'a directory elsewhere': { shape: { shift: -1 }, says: /elsewhere/ },
    'more members than it has': { shape: { count: 60_000 }, says: /elsewhere|damaged/ },
    'another end in its comment': { shape: { comment: zipOf([]) }, says: /several ends/ },
  }
  for (const [what, { shape, says }] of Object.entries(shapes))
    it(`refuses a zip with ${what}`, async () => {
      const file = host.bring('evil.zip', zipOfMembers(members, [], shape))
      const error = await host.refused(file, ['ARCHIVE_INVALID', 'ARCHIVE_UNKNOWN'])
      expect(error.message).to.match(says)
    })

  it('refuses every zip that is cut short', async () => {
    const whole = zipOfMembers(members)
    for (const size of [4, 30, 100, whole.length >> 1, whole.length - 22, whole.length - 1])
      await host.refused(host.bring(`cut-${size}.zip`, whole.subarray(0, size)), 'ARCHIVE_INVALID')
  })

  it('refuses a document whose sum is wrong, and names it', async () => {
    const list = [...members].map(([name, bytes]) =>
      name === 'index.json' ? { name, bytes, crc32: 7 } : { name, bytes },
    )
    const error = await host.refused(host.bring('sum.zip', zipOf(list)), 'ARCHIVE_INVALID')
    expect(error.message).to.match(/index\.json.*damaged/)
  })

  it('refuses a blob with other bytes, though its sum fits them', async () => {
    const blob = largestBlob(members)
    const other = Buffer.from(members.get(blob) ?? Buffer.alloc(0))
    other[0] = (other[0] ?? 0) ^ 1
    for (const deflate of [false, true]) {
      const list = [...members].map(([name, bytes]) => ({
        name,
        bytes: name === blob ? other : bytes,
        deflate,
      }))
      await host.refused(host.bring(`other-${deflate}.zip`, zipOf(list)), 'DIGEST_MISMATCH')
    }
  })

  it('refuses bytes behind the end of what is deflated', async () => {
    const blob = largestBlob(members)
    const list = [...members].map(([name, bytes]) => ({ name, bytes, deflate: true }))
    const zip = zipOf(list)
    const at = zip.indexOf(Buffer.from(blob)) + blob.length
    // The first block becomes an empty last one: what was behind it is left over.
    zip[at] = 0x03
    zip[at + 1] = 0x00
    await host.refused(host.bring('rest.zip', zip), 'ARCHIVE_INVALID')
  })

  it('refuses a member that grows beyond all measure before it is unpacked', async () => {
    const bomb = zipOf([
      ...[...members].map(([name, bytes]) => ({ name, bytes })),
      { name: 'manifest.json', bytes: Buffer.alloc(1000), deflate: true, size: 4_000_000_000 },
    ])
    const error = await host.refused(host.bring('bomb.zip', bomb), 'ARCHIVE_INVALID')
    expect(error.message).to.match(/manifest\.json.*beyond all measure/)
  })

  it('refuses a member that grows beyond its own size', async () => {
    for (const size of [5, 5000]) {
      const list = [...members].map(([name, bytes]) =>
        name === 'index.json' ? { name, bytes, deflate: true, size } : { name, bytes },
      )
      const error = await host.refused(host.bring(`size-${size}.zip`, zipOf(list)), 'ARCHIVE_INVALID')
      expect(error.message).to.match(/index\.json.*damaged/)
    }
  })

  it('does not unpack a document beyond its limit', async () => {
    const list = [...members].map(([name, bytes]) =>
      name === 'index.json'
        ? { name, bytes: Buffer.concat([bytes, Buffer.alloc(64 * 1024 * 1024, ' ')]), deflate: true }
        : { name, bytes },
    )
    await host.refused(host.bring('large.zip', zipOf(list)), ['DOCUMENT_TOO_LARGE', 'SIZE_MISMATCH'])
  })

  it('refuses a zip in a zip in a zip', async () => {
    const inner = zipOf([{ name: 'inner.zip', bytes: zipOfMembers(members) }])
    await host.refused(host.bring('nested.zip', inner), 'ARCHIVE_UNKNOWN')
  })

  it('refuses the single file of a zip where that is a link or leads out', async () => {
    await host.refused(
      host.bring(
        'link.zip',
        zipOf([{ name: 'image.tar', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }]),
      ),
      'UNSAFE_NAME',
    )
    await host.refused(
      host.bring('con.zip', zipOf([{ name: 'aux.tar.gz', bytes: Buffer.from([0x1f, 0x8b, 8]) }])),
      'UNSAFE_NAME',
    )
  })
})
