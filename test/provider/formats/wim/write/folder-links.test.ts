import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { writeWim } from '../../../../../provider/formats/wim/write/index.js'
import { windowsReparse } from '../../../../../provider/formats/wim/write/reparse-buffers.js'
import { describeWithPeers, peer } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { entryOf, metadataOf } from '../small-wims.js'
import { wimlib } from '../wimlib.js'

const TIMES = { createdAt: 1n, accessedAt: 2n, writtenAt: 3n }

describeWithPeers(['wimlib-imagex'], 'links to folders, written', () => {
  const folders = scratch()
  after(() => folders.remove())

  const stream = { name: 's', content: { size: 1, open: () => once('x') } }
  const LINKS = {
    junction: { attributes: 0x410, reparse: windowsReparse('C:\\d', true) },
    'folder symlink': { attributes: 0x410, reparse: windowsReparse('..\\d', false) },
    'absolute symlink': { attributes: 0x410, reparse: windowsReparse('D:\\d', false) },
    'junction with a stream': {
      attributes: 0x410,
      reparse: windowsReparse('C:\\d', true),
      namedStreams: [stream],
    },
  }

  it('have no list of files, as wimlib and DISM write them, and count as files', async () => {
    const file = path.join(folders.folder(), 'links.wim')
    const children = Object.entries(LINKS).map(([name, link]) => ({ ...TIMES, name, ...link }))
    const folder = { ...TIMES, attributes: 0x10, name: 'folder', children: [], namedStreams: [stream] }
    const root = { ...TIMES, attributes: 0x10, name: '', children: [...children, folder] }
    await writeWim(file, [{ name: 'links', root }], { compression: 'none' })
    const metadata = metadataOf(readFileSync(file))
    for (const name of Object.keys(LINKS))
      expect(metadata.readBigUInt64LE(entryOf(metadata, name) + 0x10), name).to.equal(0n)
    expect(metadata.readBigUInt64LE(entryOf(metadata, 'folder') + 0x10)).not.to.equal(0n)
    // With a stream, the reparse buffer has an entry of its own; without one it stands in the entry itself.
    const hashIn = (name: string) =>
      metadata.subarray(entryOf(metadata, name) + 0x40, entryOf(metadata, name) + 0x54)
    expect(hashIn('junction').every((byte) => byte === 0)).to.equal(false)
    expect(hashIn('junction with a stream').every((byte) => byte === 0)).to.equal(true)
    const { status, stdout, stderr } = spawnSync(peer('wimlib-imagex') ?? '', ['verify', file], {
      encoding: 'utf8',
    })
    expect(status).to.equal(0)
    expect(stdout + stderr).not.to.contain('Ignoring')
    const info = wimlib('info', file, '1')
    expect(/Directory Count: *(\d+)/.exec(info)?.[1]).to.equal('1')
    expect(/File Count: *(\d+)/.exec(info)?.[1]).to.equal('4')
  })
})

async function* once(text: string) {
  yield Buffer.from(text)
}
