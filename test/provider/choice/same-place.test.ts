import path from 'node:path'
import { expect } from 'chai'
import { hasCode } from '../../../manifests/index.js'
import { get, install, load, push, save } from '../../../provider/index.js'
import { type MadeImage, makeLayout, readIndex } from '../../fixtures/layout.js'
import { TestContainerd } from '../../peers/containerd.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'

describe('two images of one name', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  async function remedyOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => undefined,
      (failed: unknown) => failed,
    )
    expect(hasCode(error, 'AMBIGUOUS_NAME'), String(error)).to.equal(true)
    return (error as { remedy?: string }).remedy ?? ''
  }

  function layout(folder: string, ...contents: string[]): string {
    const place = path.join(folder, contents.join('-'))
    makeLayout(
      place,
      contents.map((a) => ({ refName: 'quay.io/team/app:1', layers: [{ files: { a } }] })),
    )
    return place
  }

  it('cannot be told apart in one file, and whoever has it is not sent to a choice that no verb offers', async () => {
    const folder = temporary.folder()
    const file = layout(folder, 'one', 'two')
    const store = path.join(folder, 'store')
    for (const work of [
      () => install({ targets: [file], store }),
      () => save({ names: [file], path: path.join(folder, 'saved.tar'), store }),
    ])
      expect(await remedyOf(work())).to.match(/^Have the file made again/)
  })

  it('of two files are saved one by one', async () => {
    const folder = temporary.folder()
    const names = [layout(folder, 'one'), layout(folder, 'two')]
    const store = path.join(folder, 'store')
    const remedy = await remedyOf(save({ names, path: path.join(folder, 'saved.tar'), store }))
    expect(remedy).to.match(/^Save them one by one/)
    for (const [i, name] of names.entries())
      await save({ names: [name], path: path.join(folder, `${i}.tar`), store })
  })

  describe('in two files of one request', () => {
    const PUSH_TO = '127.0.0.1:1'

    function archive(folder: string, content: string, more: Partial<MadeImage> = {}): string {
      const place = path.join(folder, content)
      makeLayout(place, [{ refName: 'quay.io/team/app:1', layers: [{ files: { content } }], ...more }])
      return place
    }

    async function refused(work: Promise<unknown>): Promise<string> {
      const error = await work.then(
        () => undefined,
        (failed: unknown) => failed,
      )
      expect(hasCode(error, 'AMBIGUOUS_NAME'), String(error)).to.equal(true)
      return (error as Error).message
    }

    async function rows(store: string): Promise<string[]> {
      return (await get({ store })).map(
        ({ repository, tag, architecture }) => `${repository}:${tag} ${architecture}`,
      )
    }

    it('are refused before anything is written, with both files and digests', async () => {
      const folder = temporary.folder()
      const files = [archive(folder, 'one'), archive(folder, 'two')]
      const digests = files.map((file) => readIndex(file)[0]?.digest)
      const store = path.join(folder, 'store')
      for (const [verb, work] of Object.entries({
        install: () => install({ targets: files, store }),
        'install --what-if': () => install({ targets: files, store, whatIf: true }),
        push: () => push({ names: files, registry: PUSH_TO, store }),
        save: () => save({ names: files, path: path.join(folder, 'saved.tar'), store }),
      })) {
        const message = await refused(work())
        for (const [i, file] of files.entries()) expect(message, verb).to.contain(`${digests[i]} in ${file}`)
      }
      expect(await rows(store)).to.deep.equal([])
    })

    it('are refused beside what the store has as well, where both are pushed', async () => {
      const folder = temporary.folder()
      const store = path.join(folder, 'store')
      await install({ targets: [archive(folder, 'one')], store })
      const names = ['quay.io/team/app:1', archive(folder, 'two')]
      expect(await refused(push({ names, registry: PUSH_TO, store }))).to.contain(' in the store')
    })

    it('are both kept where they are for different machines, and once where they are the same', async () => {
      const folder = temporary.folder()
      const store = path.join(folder, 'store')
      const one = archive(folder, 'one')
      const targets = [one, archive(folder, 'two', { platform: { os: 'linux', architecture: 'arm64' } }), one]
      await install({ targets, store, noLatest: true, allPlatforms: true })
      expect((await rows(store)).sort()).to.deep.equal([
        'quay.io/team/app:1 amd64',
        'quay.io/team/app:1 arm64',
      ])
    })

    it('give latest to the newest version, in whichever order they come', async () => {
      const folder = temporary.folder()
      const targets = ['2.0', '10.0', '9.0'].map((tag) =>
        archive(folder, tag, { refName: `quay.io/team/app:${tag}` }),
      )
      const store = path.join(folder, 'store')
      await install({ targets, store })
      const images = await get({ store })
      const latest = images.find(({ tag }) => tag === 'latest')
      expect(latest?.digest).to.equal(images.find(({ tag }) => tag === '10.0')?.digest)
    })

    describeWithPeers(['containerd', 'ctr'], 'loaded into an engine', () => {
      let containerd: TestContainerd
      before(async () => {
        containerd = await new TestContainerd().start()
      })
      after(() => containerd?.stop())

      it('are refused before anything is sent', async () => {
        const folder = temporary.folder()
        const store = path.join(folder, 'store')
        const [one, two] = [archive(folder, 'one'), archive(folder, 'two')]
        await install({ targets: [one], store })
        const engine = { engine: 'containerd', engineAddress: containerd.address, store } as const
        expect(await refused(load({ names: [one, two], ...engine }))).to.contain(` in ${two}`)
        expect(await refused(load({ names: ['quay.io/team/app:1', two], ...engine }))).to.contain(
          'in the store',
        )
        const other = archive(folder, 'three', { refName: 'quay.io/team/other:1' })
        const error = await load({ names: [one, other], repository: 'x', ...engine }).catch(
          (failed) => failed,
        )
        expect(hasCode(error, 'USAGE'), String(error)).to.equal(true)
        expect(containerd.ctr('images', 'ls', '-q')).to.equal('')
      })
    })
  })
})
