import path from 'node:path'
import { expect } from 'chai'
import type { Descriptor } from '../../../manifests/index.js'
import { get, install } from '../../../provider/index.js'
import { makeLayout, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

const REF_NAME = 'org.opencontainers.image.ref.name'
const SOME = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`

describe('images that containerd names by digests', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  /** Installs a layout whose images have these names each, as `ctr images export` writes them. */
  async function installed(...names: string[][]): Promise<{ rows: string[]; images: Descriptor[] }> {
    const folder = path.join(temporary.folder(), 'exported')
    const store = path.join(temporary.folder(), 'store')
    const images = makeLayout(
      folder,
      names.map((_, i) => ({ refName: `x:${i}`, layers: [{ files: { a: `${i}` } }] })),
    )
    const manifests = images.flatMap((image, i) =>
      (names[i] ?? []).map((name) => ({ ...image, annotations: { ...image.annotations, [REF_NAME]: name } })),
    )
    writeIndex(folder, manifests)
    await install({ targets: [folder], store, noLatest: true })
    const rows = (await get({ store })).map(
      ({ repository, tag, digest }) =>
        `${repository}:${tag} ${images.findIndex((one) => one.digest === digest)}`,
    )
    return { rows: rows.sort(), images }
  }

  it('are kept side by side, each with the beginning of its digest for a tag', async () => {
    const { rows } = await installed([`quay.io/team/app@${SOME}`], [`quay.io/team/app@${OTHER}`])
    expect(rows).to.deep.equal(['quay.io/team/app:aaaaaaaaaaaa 0', 'quay.io/team/app:bbbbbbbbbbbb 1'])
  })

  it('do not take latest from the image that has it', async () => {
    const { rows } = await installed([`quay.io/team/app@${SOME}`], ['quay.io/team/app:latest'])
    expect(rows).to.deep.equal(['quay.io/team/app:aaaaaaaaaaaa 0', 'quay.io/team/app:latest 1'])
  })

  it('have their tag alone where there is one beside the digest', async () => {
    const { rows } = await installed(
      ['site:5000/app:Rc1', `site:5000/app@${SOME}`],
      [`quay.io/team/app@${OTHER}`, 'quay.io/team/app:latest'],
      [`quay.io/team/app:3@${OTHER}`],
    )
    expect(rows).to.deep.equal(['quay.io/team/app:3 2', 'quay.io/team/app:latest 1', 'site:5000/app:Rc1 0'])
  })

  it('have no name by a mere digest, as Kubernetes keeps them beside their names', async () => {
    const { rows } = await installed([SOME, 'redis:7', `redis@${OTHER}`], [OTHER])
    expect(rows).to.have.length(2)
    expect(rows).to.include('redis:7 0')
    expect(rows.find((row) => row.endsWith(' 1'))).to.not.match(/^sha256:/)
  })

  it('are shown by their ids where several have nothing but digests', async () => {
    const { rows } = await installed([SOME], [OTHER])
    expect(rows).to.deep.equal(['<none>:<none> 0', '<none>:<none> 1'])
  })
})
