import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { listSevenZip } from '../../../../provider/formats/seven-zip/listing.js'
import { endingWithinLines } from '../../../../provider/formats/seven-zip/output.js'
import { runSevenZip } from '../../../../provider/formats/seven-zip/run.js'
import { scratch } from '../../../scratch.js'

describe('the list of a 7z', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('names every member once, wherever the chunks of output end', async () => {
    const folder = temporary.folder()
    const members = path.join(folder, 'members')
    mkdirSync(members)
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`)
    for (const name of names) writeFileSync(path.join(members, name), '')
    // A name of another length moves the ends of all lines behind it against those of the chunks.
    for (let length = 1; length <= 30; length++) {
      const archive = path.join(folder, `${length}.7z`)
      const name = 'a'.repeat(length)
      writeFileSync(path.join(members, name), '')
      const packed = await runSevenZip(
        (seven, options) => seven.add(archive, '.', options({ $raw: ['-mx0'] })),
        { cwd: members },
      )
      rmSync(path.join(members, name))
      expect(packed.exit).to.equal(0)
      const listed = await listSevenZip(archive)
      expect([...listed.keys()].sort()).to.deep.equal([name, ...names].sort())
    }
  })

  it('is given on in pieces that never end with a line, and whole', () => {
    const text = 'Path = a\r\nSize = 1\r\n\r\nPath = b\n\n\nSize = 2\n\n'
    for (let first = 0; first <= text.length; first++)
      for (let second = first; second <= text.length; second++) {
        const stdout = new PassThrough()
        const pieces: string[] = []
        endingWithinLines(stdout).on('data', (piece: Buffer) => pieces.push(piece.toString()))
        for (const part of [text.slice(0, first), text.slice(first, second), text.slice(second)])
          stdout.emit('data', Buffer.from(part))
        stdout.emit('end')
        expect(pieces.join('')).to.equal(text)
        for (const piece of pieces.slice(0, -1)) expect(piece).not.to.match(/[\r\n]$/)
      }
  })
})
