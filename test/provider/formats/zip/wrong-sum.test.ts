import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import { zipMembers } from '../../../../provider/archives/members/zip.js'
import { install, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('a zip whose sums are wrong', () => {
  const temporary = scratch()
  let folder: string
  let whole: Buffer
  /** By their size, from the largest. */
  let members: { name: string; bytes: Buffer }[]

  before(async () => {
    folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [
      {
        refName: 'base:1.0',
        layers: [{ files: { large: 9_000_000 }, compression: 'none' }, { files: { 'etc/motd': 'small' } }],
      },
    ])
    const file = path.join(folder, 'whole.zip')
    await save({ names: [layout], path: file })
    whole = readFileSync(file)
    const zip = await zipMembers(file)
    members = []
    for (const { name } of await zip.list()) {
      const chunks: Buffer[] = []
      for await (const chunk of zip.read(name)) chunks.push(Buffer.from(chunk))
      members.push({ name, bytes: Buffer.concat(chunks) })
    }
    await zip.close()
    members.sort((a, b) => b.bytes.length - a.bytes.length)
  })
  after(() => temporary.remove())

  /** A zip that says in both places that a member has another sum, as one who changed it would. */
  function withWrongSum(bytes: Buffer): string {
    const bad = Buffer.from(whole)
    const sum = Buffer.alloc(4)
    sum.writeUInt32LE(crc32(bytes))
    let found = 0
    for (let at = bad.indexOf(sum); at >= 0; at = bad.indexOf(sum, at + 4), found++)
      bad[at] = (bad[at] ?? 0) ^ 1
    expect(found).to.equal(2)
    const file = path.join(folder, 'bad.zip')
    writeFileSync(file, bad)
    return file
  }

  it('is not right to verify, though every digest is: other readers refuse it', async () => {
    for (const { name, bytes } of members) {
      const { ok, problems } = await verify({ paths: [withWrongSum(bytes)] })
      expect(ok, name).to.equal(false)
      expect(JSON.stringify(problems), name).to.include(name)
    }
  })

  it('is told to be damaged where the bytes do not have it, and to hold others where they have', async () => {
    const [large] = members
    const at = whole.indexOf(large?.bytes ?? '') + 4_000_000
    const bad = Buffer.from(whole)
    bad[at] = (bad[at] ?? 0) ^ 1
    const file = path.join(folder, 'damaged.zip')
    writeFileSync(file, bad)
    const store = path.join(folder, 'store')
    const error = await failure(install({ targets: [file], store }), 'ARCHIVE_INVALID')
    expect(error.message).to.include(large?.name)
    const from = at - 4_000_000
    const changed = bad.subarray(from, from + (large?.bytes.length ?? 0))
    const sums = [crc32(large?.bytes ?? ''), crc32(changed)]
    const [old, young] = sums.map((sum) => {
      const four = Buffer.alloc(4)
      four.writeUInt32LE(sum)
      return four
    })
    for (let place = bad.indexOf(old ?? ''); place >= 0; place = bad.indexOf(old ?? '', place + 4))
      young?.copy(bad, place)
    writeFileSync(file, bad)
    await failure(install({ targets: [file], store }), 'DIGEST_MISMATCH')
  })
})
