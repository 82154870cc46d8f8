import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type Digest, inventoryBytes, inventoryOf, parseInventory } from '../../../../manifests/index.js'
import { baseOfInventory } from '../../../../provider/delta/base/from-inventory.js'
import { save } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const NOW = '2026-01-01T00:00:00.000Z'

/** What a docker with one image says. */
function inventoryWith(diffIds: Digest[]): Buffer {
  const layers = diffIds.map((diffId) => ({ diffId }))
  const image = { name: 'base', version: '1.0', tags: [], platform: 'linux/amd64', layers }
  return inventoryBytes(inventoryOf({ of: 'docker', images: [image], blobs: [] }, NOW))
}

describe('an inventory of an engine', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('takes memory in proportion, also where it tells of an image with fifty thousand layers', () => {
    const diffIds = Array.from({ length: 50_000 }, (_, i) => `sha256:${i.toString(16).padStart(64, '0')}`)
    const { chains } = baseOfInventory(parseInventory(inventoryWith(diffIds)), 'deep.json')
    expect(chains.size).to.equal(diffIds.length)
    expect([...chains.keys()].every((chain) => chain.length === diffIds[0]?.length)).to.equal(true)
  })

  it('leaves out a layer where all below it is there, and not one that lies on others', async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    const layers = [1, 2].map((name) => ({ files: { [name]: randomBytes(100_000) } }))
    makeLayout(layout, [{ refName: 'base:1.1', layers }])
    const [lower = '', upper = ''] = diffIdsIn(layout)
    const told: [Digest[], number][] = [
      [[lower], 1],
      [[lower, upper], 2],
      [[upper], 0],
      [[upper, lower], 0],
    ]
    for (const [diffIds, layersLeftOut] of told) {
      const base = path.join(folder, 'docker.json')
      writeFileSync(base, inventoryWith(diffIds))
      const file = path.join(folder, 'delta.tar')
      const { delta } = await save({ names: [layout], path: file, base: [base], force: true })
      const left = Math.round((delta?.savedBytes ?? 0) / 100_000)
      expect(left, diffIds.join()).to.equal(layersLeftOut)
    }
  })
})

function diffIdsIn(layout: string): Digest[] {
  const read = (file: string) => JSON.parse(readFileSync(path.join(layout, file), 'utf8'))
  const blob = (digest: string) => read(path.join('blobs', ...digest.split(':')))
  const manifest = blob(read('index.json').manifests[0].digest)
  return blob(manifest.config.digest).rootfs.diff_ids
}
