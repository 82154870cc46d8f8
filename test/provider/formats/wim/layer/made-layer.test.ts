import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { get, type InstallRequest, install, save, uninstall, verify } from '../../../../../provider/index.js'
import { makeWim } from '../../../../fixtures/wim.js'
import { scratch } from '../../../../scratch.js'
import { blobsIn } from '../../../verbs/on-disk.js'
import { blob, installWim } from './installed-layer.js'

const PROGRAM = fileURLToPath(new URL('../../../../../cli/containerimage.js', import.meta.url))

describe('the layer that is made of a WIM, in the store', () => {
  const folders = scratch()
  let wim = ''
  let store = ''

  before(async () => {
    wim = path.join(folders.folder(), 'NanoServer.wim')
    await makeWim(wim)
  })
  beforeEach(() => {
    store = path.join(folders.folder(), 'store')
  })
  after(() => folders.remove())

  /** Another process prunes while this one stands still: the work is where the handler was called. */
  function pruneNow(): void {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'prune', '--store', store])
    expect(status, String(stderr)).to.equal(0)
  }

  /** Prunes at the first event of a kind, and tells what was in the store then. */
  async function prunedAt(
    isMoment: (event: Event) => boolean,
  ): Promise<{ before: string[]; after: string[] }> {
    const seen = { before: [] as string[], after: [] as string[] }
    let isPruned = false
    const onProgress: InstallRequest['onProgress'] = (event) => {
      if (isPruned || !isMoment(event)) return
      isPruned = true
      seen.before = contents()
      pruneNow()
      seen.after = contents()
    }
    await installWim(wim, store, { onProgress })
    expect(isPruned).to.equal(true)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(await get({ store })).to.have.length(2)
    return seen
  }

  /** Blobs, and what is on its way to be one. */
  function contents(): string[] {
    const making = readdirSync(path.join(store, 'ingest')).filter((name) => /^made-[0-9a-f]+$/.test(name))
    const hasBlobs = existsSync(path.join(store, 'blobs', 'sha256'))
    return [...(hasBlobs ? blobsIn(store) : []), ...making]
  }

  it('is left alone by a prune while it is written', async () => {
    const { before, after } = await prunedAt((event) => event.type === 'bytes' && event.kind === 'copied')
    expect(before).to.have.length(1)
    expect(before[0]).to.match(/^made-/)
    expect(after).to.deep.equal(before)
  })

  it('is left alone by a prune while it has no name yet', async () => {
    const { before, after } = await prunedAt(
      (event) => event.type === 'begin' && event.task.startsWith('Installing'),
    )
    expect(before).to.have.length(1)
    expect(before[0]).to.match(/^sha256:/)
    expect(after).to.deep.equal(before)
  })

  it('is made again where its bytes were damaged', async () => {
    const { layer, digest } = await installWim(wim, store)
    const bytes = readFileSync(layer)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff
    writeFileSync(layer, bytes)
    expect((await verify({ store })).ok).to.equal(false)
    expect((await installWim(wim, store)).digest).to.equal(digest)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(blobsIn(store)).to.have.length(3)
  })

  it('is taken back from the store by a save in another format', async () => {
    const target = path.join(path.dirname(store), 'NanoServer.tar')
    const request = { names: [wim], path: target, store, format: 'oci-archive' as const }
    await save(request)
    expect(blobsIn(store)).to.deep.equal([])
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    const { digest } = await installWim(target, store)
    expect(digest).to.equal((await installWim(wim, path.join(folders.folder(), 'store'))).digest)
    const before = blobsIn(store)
    await save({ ...request, force: true })
    expect(blobsIn(store)).to.deep.equal(before)
  })

  it('is gone with its image, but for a second name of it', async () => {
    const other = path.join(path.dirname(store), 'other')
    await mkdir(other)
    await copyFile(wim, path.join(other, 'same.wim'))
    const { layer } = await installWim(wim, store)
    await installWim(path.join(other, 'same.wim'), store, { name: 'Second', version: '1.0' })
    await uninstall({ store, name: 'NanoServer' })
    expect(blobsIn(store).map((digest) => blob(store, digest))).to.include(layer)
    await uninstall({ store, name: 'Second' })
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('is not made where an image of the WIM has a layer already, whichever name the file has', async () => {
    await installWim(wim, store)
    const renamed = path.join(path.dirname(store), 'renamed.wim')
    await copyFile(wim, renamed)
    const tasks: string[] = []
    const onProgress: InstallRequest['onProgress'] = (event) =>
      event.type === 'begin' && tasks.push(event.task)
    const { alreadyThere } = await install({ targets: [renamed], store, onProgress })
    expect(alreadyThere).to.have.length(1)
    expect(tasks.filter((task) => task.startsWith('Expanding'))).to.deep.equal([])
  })
})

type Event = Parameters<NonNullable<InstallRequest['onProgress']>>[0]
