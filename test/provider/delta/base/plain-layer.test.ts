import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, inventory, save, verify } from '../../../../provider/index.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'

describeWithPeers(['skopeo'], 'a delta of a layer whose compressed bytes cannot be made again', () => {
  const temporary = scratch()
  let folder: string
  let zstd: string[]

  before(() => {
    folder = temporary.folder()
    const files: Record<string, Buffer> = {}
    for (let i = 0; i < 40; i++) files[`usr/file${i}`] = text()
    zstd = ['1.0', '1.1'].map((version, i) => {
      if (i > 0) files['usr/file7'] = text()
      const plain = path.join(folder, `plain-${version}`)
      makeLayout(plain, [{ refName: `base:${version}`, layers: [{ files, compression: 'none' }] }])
      const made = path.join(folder, `zstd-${version}`)
      runPeer('skopeo', [
        ...['copy', '--quiet', '--dest-compress', '--dest-compress-format', 'zstd'],
        ...[`oci:${plain}:base:${version}`, `oci:${made}:base:${version}`],
      ])
      return made
    })
  })
  after(() => temporary.remove())

  it('keeps it plain, with config and diff ids as they were, and says which manifest it stands for', async () => {
    const side = path.join(folder, 'connected')
    await install({ store: side, targets: [zstd[0] ?? ''] })
    const target = path.join(folder, 'target')
    await install({ store: target, targets: [zstd[0] ?? ''] })
    const base = path.join(folder, 'base.json')
    await inventory({ store: target, path: base })
    const stick = path.join(folder, 'stick')
    mkdirSync(stick)
    const file = path.join(stick, 'delta.tar')
    const notes: string[] = []
    await save({
      store: side,
      names: [zstd[1] ?? ''],
      path: file,
      base: [base],
      delta: 'blocks',
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
    })
    expect(notes.join()).to.contain('kept uncompressed')
    expect(statSync(file).size).to.be.below(200_000)
    await install({ store: target, targets: [file] })
    const verified = await verify({ store: target })
    expect(verified.problems).to.deep.equal([])
    const [installed] = await inspectImages({ store: target, names: ['base:1.1'] })
    const [original] = await inspectImages({ names: [zstd[1] ?? ''] })
    expect(installed?.id).to.equal(original?.id)
    expect(installed?.digest).not.to.equal(original?.digest)
    expect(installed?.original).to.equal(original?.digest)
    const manifest = installed?.manifest as { layers: { mediaType: string; digest: string }[] }
    const config = installed?.config as { rootfs: { diff_ids: string[] } }
    expect(manifest.layers.map(({ digest }) => digest)).to.deep.equal(config.rootfs.diff_ids)
    expect(verified.plain).to.deep.equal([{ digest: installed?.digest, original: original?.digest }])
    expect(readFileSync(path.join(target, 'index.json'), 'utf8')).to.contain(original?.digest)
  })
})

function text(): Buffer {
  return Buffer.from(randomBytes(20_000).toString('hex'))
}
