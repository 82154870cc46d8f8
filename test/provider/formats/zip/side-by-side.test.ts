import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { ZipArchive } from 'archiver'
import { expect } from 'chai'
import { zipMembers } from '../../../../provider/archives/members/zip.js'
import { Turns } from '../../../../provider/formats/zip/turns.js'
import { save } from '../../../../provider/index.js'
import { type MadeImage, makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('blobs that go into a zip side by side', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  /** What archiver makes of the members of a zip by itself: documents from memory, blobs as streams. */
  async function byArchiver(file: string): Promise<Buffer> {
    const members = await zipMembers(file)
    const archive = new ZipArchive({ store: true, forceLocalTime: false })
    const made: Promise<Buffer> = Readable.from(archive as unknown as AsyncIterable<Buffer>)
      .toArray()
      .then((chunks) => Buffer.concat(chunks))
    for (const { name } of await members.list()) {
      const chunks: Buffer[] = []
      for await (const chunk of members.read(name)) chunks.push(Buffer.from(chunk))
      const bytes = Buffer.concat(chunks)
      const isBlob = /[^ -~]/.test(bytes.toString('latin1'))
      const facts = { name, date: new Date(Date.UTC(1980, 0, 1)), mode: 0o644, store: true }
      const added = new Promise<void>((resolve) => archive.once('entry', () => resolve()))
      archive.append(isBlob ? Readable.from([bytes], { objectMode: false }) : bytes, facts)
      await added
    }
    await archive.finalize()
    await members.close()
    return await made
  }

  const images: Record<string, MadeImage['layers']> = {
    'one large and one small layer': [
      { files: { large: 9_000_000 }, compression: 'none' },
      { files: { 'etc/motd': 'small' } },
    ],
    'four large layers': [9, 10, 11, 12].map((size) => ({
      files: { [`f${size}`]: size * 1_000_000 },
      compression: 'none' as const,
    })),
    'many small layers': Array.from({ length: 30 }, (_, i) => ({ files: { [`f${i}`]: 10_000 + i } })),
  }
  for (const [what, layers] of Object.entries(images))
    it(`make the same bytes as archiver alone: ${what}`, async () => {
      const folder = temporary.folder()
      makeLayout(path.join(folder, 'layout'), [{ refName: 'app:1.0', layers }])
      const file = path.join(folder, 'app.zip')
      await save({ names: [path.join(folder, 'layout')], path: file })
      expect(readFileSync(file).equals(await byArchiver(file))).to.equal(true)
    })

  it('leave nothing where one of them is damaged, first or last', async () => {
    for (const which of [0, -1]) {
      const folder = temporary.folder()
      const layout = path.join(folder, 'layout')
      makeLayout(layout, [{ refName: 'app:1.0', layers: images['four large layers'] ?? [] }])
      const blobs = path.join(layout, 'blobs', 'sha256')
      const sized = readdirSync(blobs).map((name) => ({ name, bytes: readFileSync(path.join(blobs, name)) }))
      const large = sized.filter(({ bytes }) => bytes.length > 8_000_000)
      const one = large.sort((a, b) => a.bytes.length - b.bytes.length).at(which)
      if (!one) throw new Error('there is no large blob')
      one.bytes[5_000_000] = (one.bytes[5_000_000] ?? 0) ^ 1
      writeFileSync(path.join(blobs, one.name), one.bytes)
      const stick = path.join(folder, 'stick')
      mkdirSync(stick)
      const error = await failure(
        save({ names: [layout], path: path.join(stick, 'app.zip') }),
        'DIGEST_MISMATCH',
      )
      expect(error.message).to.contain(one.name)
      expect(readdirSync(stick)).to.deep.equal([])
    }
  })

  it('have their turns in their order, whoever asks first, and stop waiting with the signal', async () => {
    const turns = new Turns(['a', 'b', 'c'])
    const seen: string[] = []
    const wait = async (one: string): Promise<void> => {
      await turns.of(one)
      seen.push(one)
      turns.end(one)
    }
    await Promise.all([wait('c'), wait('b'), wait('a')])
    expect(seen).to.deep.equal(['a', 'b', 'c'])
    for (const isEarly of [true, false]) {
      const stop = new AbortController()
      if (isEarly) stop.abort()
      const waiting = failure(new Turns([1, 2]).of(2, stop.signal), 'INTERRUPTED')
      stop.abort()
      await waiting
    }
  })
})
