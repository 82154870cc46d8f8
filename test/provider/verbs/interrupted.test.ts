import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  find,
  get,
  history,
  inspect,
  install,
  type ProgressEvent,
  prune,
  pull,
  save,
  search,
  tag,
  uninstall,
  untag,
  verify,
} from '../../../provider/index.js'
import { addBlob, makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { exitCode, failure } from './failure.js'
import { filesIn } from './on-disk.js'

describe('a verb that is told to stop', () => {
  const temporary = scratch()
  let folder: string
  let store: string
  let stick: string
  const signal = AbortSignal.abort()

  before(async () => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
    stick = temporary.folder()
    makeLayout(folder, [
      { refName: 'debian:12.5', layers: [{ files: { a: 2_000_000 } }, { files: { b: 'b' } }] },
    ])
    await install({ targets: [folder], store })
    addBlob(store, 'text/plain', Buffer.from('stray'))
  })
  after(() => temporary.remove())

  const onDisk = (): Record<string, string> => ({ ...filesIn(store), ...filesIn(stick) })

  const verbs: Record<string, () => Promise<unknown>> = {
    find: () => find({ source: folder, signal }),
    search: () => search({ term: 'deb', source: folder, signal }),
    save: () => save({ names: [folder], path: stick, signal }),
    install: () => install({ targets: [folder], store, signal }),
    'install by name': () => install({ targets: ['debian'], source: folder, store, signal }),
    pull: () => pull({ references: ['127.0.0.1:9/a/b:1'], store, signal }),
    get: () => get({ store, signal }),
    tag: () => tag({ from: 'debian', to: 'mine:1', store, signal }),
    untag: () => untag({ name: 'debian', store, signal }),
    uninstall: () => uninstall({ name: 'debian', store, signal }),
    prune: () => prune({ store, signal }),
    verify: () => verify({ store, signal }),
    'verify of a path': () => verify({ paths: [folder], signal }),
    history: () => history({ name: 'debian', store, signal }),
    'inspect of the store': () => inspect({ names: ['debian'], store, signal }),
    'inspect of an archive': () => inspect({ names: [folder], store, signal }),
  }
  for (const [name, call] of Object.entries(verbs))
    it(`ends with INTERRUPTED and changes nothing: ${name}`, async () => {
      const before = onDisk()
      expect(exitCode(await failure(call(), 'INTERRUPTED'))).to.equal(130)
      expect(onDisk()).to.deep.equal(before)
    })

  it('in the middle of an install leaves no name, and finishes when called again', async () => {
    const other = path.join(temporary.folder(), 'store')
    const control = new AbortController()
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'bytes') control.abort()
    }
    await failure(
      install({ targets: [folder], store: other, signal: control.signal, onProgress }),
      'INTERRUPTED',
    )
    expect(await get({ store: other })).to.deep.equal([])
    expect(readdirSync(path.join(other, 'ingest')).filter((name) => name.endsWith('.lock'))).to.deep.equal([])
    await install({ targets: [folder], store: other })
    expect((await verify({ store: other })).problems).to.deep.equal([])
    expect(await get({ store: other })).to.have.length(2)
  })

  it('in the middle of a check says nothing of what it has not read', async () => {
    const control = new AbortController()
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'blob') control.abort()
    }
    await failure(verify({ store, signal: control.signal, onProgress }), 'INTERRUPTED')
  })
})
