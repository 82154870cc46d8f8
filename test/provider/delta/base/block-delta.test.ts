import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type DeltaList, digestOf } from '../../../../manifests/index.js'
import { get, install, inventory, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { readTar } from '../../../fixtures/read-tar.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

/** Files of one image, of which some change from version to version. */
const FILES = 60
const FILE_BYTES = 40_000

describe('a delta of blocks', () => {
  for (const compression of ['gzip', 'none'] as const)
    describe(`of ${compression === 'gzip' ? 'gzip' : 'plain'} layers`, () => {
      const temporary = scratch()
      let folder: string
      let layouts: string[]
      let store: string
      let base: string
      let stick: string

      before(async () => {
        folder = temporary.folder()
        const files = Object.fromEntries(
          Array.from({ length: FILES }, (_, i) => [`usr/file${i}`, textBytes()]),
        )
        layouts = ['1.0', '1.1'].map((version, i) => {
          if (i > 0) Object.assign(files, { 'usr/file7': textBytes(), 'usr/new': textBytes() })
          const layout = path.join(folder, `layout-${version}`)
          makeLayout(layout, [{ refName: `base:${version}`, layers: [{ files, compression }] }])
          return layout
        })
        store = path.join(folder, 'store')
        await install({ store, targets: [layouts[0] ?? ''] })
        base = path.join(folder, 'base.json')
        await inventory({ store, path: base })
        stick = path.join(folder, 'stick')
        mkdirSync(stick)
      })
      after(() => temporary.remove())

      /** On the connected side, which has the older version too. */
      async function saved(name: string, more: object = {}): Promise<string> {
        const file = path.join(stick, name)
        const side = path.join(folder, 'connected')
        await install({ store: side, targets: [layouts[0] ?? ''] })
        const request = { names: [layouts[1] ?? ''], path: file, base: [base], ...more }
        await save({ store: side, delta: 'blocks', force: true, ...request })
        return file
      }

      it('is a small part of the layer, and installs as the image that it was, byte for byte', async () => {
        const file = await saved('delta.tar')
        const whole = path.join(stick, 'whole.tar')
        await save({ names: [layouts[1] ?? ''], path: whole })
        expect(statSync(file).size).to.be.below(0.15 * statSync(whole).size)
        const target = path.join(folder, 'target')
        await install({ store: target, targets: [layouts[0] ?? ''] })
        const planned = await install({ store: target, targets: [file], whatIf: true })
        const installed = await install({ store: target, targets: [file] })
        const { images, copiedBytes, reusedBytes } = installed
        expect(copiedBytes).to.be.below(statSync(file).size)
        expect(planned).to.include({ copiedBytes, reusedBytes })
        expect((await verify({ store: target })).problems).to.deep.equal([])
        const [root] = JSON.parse(readFileSync(path.join(layouts[1] ?? '', 'index.json'), 'utf8')).manifests
        expect(images[0]?.digest).to.equal(root.digest)
        expect(readdirSync(path.join(target, 'ingest'))).to.deep.equal([])
      })

      it('is made again by force where the layer in the store is damaged, and not where it is whole', async () => {
        const request = { store: path.join(folder, 'target'), targets: [path.join(stick, 'delta.tar')] }
        const list = JSON.parse(
          String(readTar(readFileSync(request.targets[0] ?? '')).get('delta.json')),
        ) as DeltaList
        await install({ ...request, force: true })
        const layer = blobFile(request.store, list.missing[0]?.digest ?? '')
        const bytes = readFileSync(layer)
        bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000)
        rmSync(layer)
        writeFileSync(layer, bytes)
        expect((await verify({ store: request.store })).problems).to.have.length(1)
        await install({ ...request, force: true })
        expect((await verify({ store: request.store })).problems).to.deep.equal([])
      })

      it('goes onto a media, which keeps it', async () => {
        const media = await saved('media', { format: 'media' })
        await save({
          names: [layouts[1] ?? ''],
          path: media,
          base: [base],
          delta: 'blocks',
          store: path.join(folder, 'connected'),
        })
        expect((await verify({ paths: [media] })).problems).to.deep.equal([])
        const target = path.join(folder, 'media-target')
        await install({ store: target, targets: [layouts[0] ?? ''] })
        await install({ store: target, targets: [media] })
        expect((await verify({ store: target })).problems).to.deep.equal([])
      })

      it('is refused where the older layer is not, by its digest and image', async () => {
        const target = path.join(folder, 'wrong')
        const error = await failure(
          install({ store: target, targets: [path.join(stick, 'delta.tar')] }),
          'BASE_MISSING',
        )
        expect(error.remedy).to.contain('base 1.0')
        expect(await get({ store: target })).to.deep.equal([])
      })

      it('is saved on as it is', async () => {
        const again = path.join(stick, 'again.tar')
        await save({ names: [path.join(stick, 'delta.tar')], path: again })
        const inDockers = { path: path.join(stick, 'docker.tar'), format: 'docker-archive' as const }
        await failure(save({ names: [path.join(stick, 'delta.tar')], ...inDockers }), 'USAGE')
        expect(existsSync(inDockers.path)).to.equal(false)
        const target = path.join(folder, 'again-target')
        await install({ store: target, targets: [layouts[0] ?? ''] })
        await install({ store: target, targets: [again] })
        expect((await verify({ store: target })).problems).to.deep.equal([])
      })

      it('is saved on beside other images, and stays on a media that is extended against a newer base', async () => {
        const other = path.join(folder, 'other')
        makeLayout(other, [{ refName: 'other:1.0', layers: [{ files: { one: 1000 } }] }])
        const media = path.join(stick, 'several')
        const names = [other, path.join(stick, 'delta.tar')]
        await save({ names, path: media, format: 'media', force: true })
        const newer = path.join(folder, 'newer.json')
        await inventory({ store: path.join(folder, 'target'), path: newer, force: true })
        await save({ names: [layouts[1] ?? ''], path: media, base: [newer] })
        const target = path.join(folder, 'several-target')
        await install({ store: target, targets: [layouts[0] ?? ''] })
        await install({ store: target, targets: [media] })
        expect((await verify({ store: target })).problems).to.deep.equal([])
      })

      it('goes whole where the older version cannot be read on this side', async () => {
        const notes: string[] = []
        const file = path.join(stick, 'no-bytes.tar')
        await save({
          names: [layouts[1] ?? ''],
          path: file,
          base: [base],
          delta: 'blocks',
          store: path.join(folder, 'nothing-here'),
          onProgress: (event) => {
            if (event.type === 'note') notes.push(event.message)
          },
        })
        expect(notes.join()).to.contain('goes whole')
        const target = path.join(folder, 'fresh')
        await install({ store: target, targets: [file] })
        expect((await verify({ store: target })).problems).to.deep.equal([])
      })

      describe('that is hostile', () => {
        let media: string
        let list: DeltaList
        let target: string

        beforeEach(async () => {
          media = await saved('hostile', { format: 'media' })
          list = JSON.parse(readFileSync(path.join(media, 'delta.json'), 'utf8')) as DeltaList
          target = path.join(folder, 'hostile-target')
          rmSync(target, { recursive: true, force: true })
          await install({ store: target, targets: [layouts[0] ?? ''] })
        })
        afterEach(() => rmSync(media, { recursive: true, force: true }))

        /** Writes the list, and another delta in place of its own where one is given. */
        function change(changed: DeltaList, bytes?: Buffer): void {
          writeFileSync(path.join(media, 'delta.json'), JSON.stringify(changed))
          const [blob] = changed.missing
          if (bytes && blob?.delta) writeFileSync(blobFile(media, blob.delta.digest), bytes)
        }

        function withBlob(given: Partial<DeltaList['missing'][number]>): DeltaList {
          return { ...list, missing: list.missing.map((blob) => ({ ...blob, ...given })) }
        }

        async function refused(...codes: string[]): Promise<void> {
          const before = filesBelow(target)
          const error = await install({ store: target, targets: [media] }).then(
            () => expect.fail('it was installed'),
            (reason) => reason,
          )
          expect(codes, `${error.code}: ${error.message}`).to.include(error.code)
          expect(filesBelow(target)).to.deep.equal(before)
        }

        it('is refused with a path for a digest', async () => {
          const [blob] = list.missing
          for (const digest of ['../../../etc/passwd', 'sha256:../../etc/passwd', 'sha256:00']) {
            change(withBlob({ delta: { digest, size: 10, needs: blob?.delta?.needs ?? [] } }))
            await refused('INVALID_DOCUMENT')
            change(
              withBlob({
                delta: { ...(blob?.delta as object), needs: [{ digest, diffId: digest, size: 1 }] },
              } as never),
            )
            await refused('INVALID_DOCUMENT')
          }
        })

        it('is refused where a layer is made of itself', async () => {
          const [blob] = list.missing
          const own = { digest: blob?.digest ?? '', diffId: blob?.digest ?? '', size: blob?.size ?? 0 }
          change(withBlob({ delta: { digest: blob?.delta?.digest ?? '', size: 1, needs: [own] } }))
          await refused('INVALID_DOCUMENT')
          change(withBlob({ delta: { digest: blob?.digest ?? '', size: 1, needs: [] } }))
          await refused('INVALID_DOCUMENT')
        })

        it('is refused where its bytes are not those of its digest', async () => {
          const [blob] = list.missing
          const bytes = readFileSync(blobFile(media, blob?.delta?.digest ?? ''))
          bytes.writeUInt8(bytes.readUInt8(bytes.length - 5) ^ 1, bytes.length - 5)
          change(list, bytes)
          await refused('DIGEST_MISMATCH', 'FILE_CHANGED')
        })

        it('is refused where another delta with a right digest stands in its place', async () => {
          const [blob] = list.missing
          for (const bytes of [randomBytes(5000), Buffer.alloc(0), Buffer.from('CIMGDLT1')]) {
            const digest = digestOf(bytes)
            const needs = blob?.delta?.needs ?? []
            change(withBlob({ delta: { digest, size: bytes.length, needs } }), bytes)
            await refused('DELTA_INVALID')
          }
        })

        it('is refused where it says that another layer comes of it', async () => {
          const [blob] = list.missing
          change(withBlob({ size: (blob?.size ?? 0) + 1 }))
          await refused('BLOB_MISSING', 'DELTA_INVALID', 'SIZE_MISMATCH')
        })
      })
    })
})

/** Bytes that compress as programs do: about half. */
function textBytes(): Buffer {
  return Buffer.from(randomBytes(FILE_BYTES / 2).toString('hex'))
}

function blobFile(media: string, digest: string): string {
  return path.join(media, 'blobs', ...digest.split(':'))
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}
