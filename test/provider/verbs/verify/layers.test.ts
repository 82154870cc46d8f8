import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { digestOf } from '../../../../manifests/index.js'
import { install, save, verify } from '../../../../provider/index.js'
import { type MadeImage, makeLayout, readIndex, tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { membersOf, tarOfMembers } from '../../../security/attack.js'
import { layerOf } from '../../../security/hostile-layers.js'
import { member } from '../../../security/tar-builder.js'

const folders = scratch()
after(() => folders.remove())

const A = { tar: tarOf({ 'etc/a': 'a' }), files: {} }
const B = { tar: tarOf({ 'etc/b': 'b' }), files: {} }
const LARGE = { tar: tarOf({ large: 6 << 20 }), files: {} }
const plain = <T extends object>(layer: T) => ({ ...layer, compression: 'none' as const })
const named = (...layers: { tar: Buffer }[]) => ({
  rootfs: { type: 'layers' as const, diff_ids: layers.map(({ tar }) => digestOf(tar)) },
})
const twice = { tar: layerOf(member({ name: 'a' }), member({ name: 'a' })), files: {} }

/** Images that no engine takes, and how they are refused. */
const BAD: Record<string, [Partial<MadeImage>, code: string]> = {
  'whose diff ids are swapped': [{ layers: [A, B], config: named(B, A) }, 'DIGEST_MISMATCH'],
  'whose diff ids are swapped, not compressed': [
    { layers: [plain(A), plain(B)], config: named(B, A) },
    'DIGEST_MISMATCH',
  ],
  'one of whose diff ids is another': [{ layers: [A, B], config: named(A, LARGE) }, 'DIGEST_MISMATCH'],
  'whose large layer has another diff id': [{ layers: [A, LARGE], config: named(A, B) }, 'DIGEST_MISMATCH'],
  'whose layer is not a tar': [{ layers: [{ tar: Buffer.from('no tar'), files: {} }] }, 'LAYER_INVALID'],
  'whose layer is cut short': [
    { layers: [A, { tar: LARGE.tar.subarray(0, 1 << 20), files: {} }] },
    'LAYER_INVALID',
  ],
  'whose layer has a name twice': [{ layers: [A, plain(twice)] }, 'LAYER_INVALID'],
}

async function failure(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (reason) => reason.code ?? String(reason),
  )
}

async function problems(place: string): Promise<string[]> {
  return [...new Set((await verify({ paths: [place] })).problems.map(({ code }) => code))]
}

describe('verify, install and save have one verdict on layers', () => {
  for (const [what, [image, code]] of Object.entries(BAD))
    for (const form of ['folder', 'tar', 'tar.gz'])
      it(`an image ${what} is refused by all of them: ${form}`, async () => {
        const above = folders.folder()
        let place = path.join(above, 'layout')
        makeLayout(place, [{ refName: 'bad:1.0', layers: [], ...image }])
        if (form !== 'folder') {
          const tar = tarOfMembers(membersOf(place))
          place = path.join(above, `bad.${form}`)
          writeFileSync(place, form === 'tar' ? tar : gzipSync(tar))
        }
        expect(await problems(place)).to.deep.equal([code])
        const store = path.join(above, 'store')
        expect(await failure(install({ targets: [place], store }))).to.equal(code)
        expect(readIndex(store)).to.deep.equal([])
        const saved = path.join(above, 'saved.tar')
        expect(await failure(save({ names: [place], path: saved }))).to.equal(code)
        expect(existsSync(saved)).to.equal(false)
      })

  it('an image is refused whose layers are in the store already, under other diff ids', async () => {
    const above = folders.folder()
    const [good, bad, again] = ['good', 'bad', 'again'].map((name) => path.join(above, name))
    makeLayout(good as string, [{ refName: 'good:1.0', layers: [A, LARGE] }])
    makeLayout(bad as string, [{ refName: 'bad:1.0', layers: [A, LARGE], config: named(A, B) }])
    makeLayout(again as string, [{ refName: 'again:1.0', layers: [LARGE, A] }])
    const store = path.join(above, 'store')
    await install({ targets: [good as string], store })
    expect(await failure(install({ targets: [bad as string], store }))).to.equal('DIGEST_MISMATCH')
    await install({ targets: [again as string], store })
    const tags = readIndex(store).map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'])
    expect(tags).to.deep.equal(['again:1.0', 'again:latest', 'good:1.0', 'good:latest'])
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('good images pass, whatever their layers are compressed with and however large they are', async () => {
    const images: [string, MadeImage['layers']][] = [
      ['small', [A, plain(B)]],
      ['large', [LARGE, plain(LARGE), A, A]],
      ['none', []],
      ['empty', [{ tar: Buffer.alloc(0), files: {} }, plain(A)]],
    ]
    const store = path.join(folders.folder(), 'store')
    for (const [name, layers] of images) {
      const layout = folders.folder()
      makeLayout(layout, [{ refName: `${name}:1.0`, layers }])
      expect(await problems(layout), name).to.deep.equal([])
      await install({ targets: [layout], store })
    }
    expect((await verify({ store })).problems).to.deep.equal([])
  })
})
