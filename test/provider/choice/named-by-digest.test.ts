import path from 'node:path'
import { expect } from 'chai'
import { type Descriptor, shortDigest } from '../../../manifests/index.js'
import { get, install } from '../../../provider/index.js'
import { makeLayout, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

const REF_NAME = 'org.opencontainers.image.ref.name'
const OWN = 'its own digest'
const SOME = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`

describe('images that containerd names by digests', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  /** Installs a layout whose images have these names each, as `ctr images export` writes them; OWN is their digest. */
  async function installed(
    ...names: string[][]
  ): Promise<{ rows: string[]; images: Descriptor[]; notes: string[] }> {
    const folder = path.join(temporary.folder(), 'exported')
    const store = path.join(temporary.folder(), 'store')
    const images = makeLayout(
      folder,
      names.map((_, i) => ({ refName: `x:${i}`, layers: [{ files: { a: `${i}` } }] })),
    )
    const manifests = images.flatMap((image, i) =>
      (names[i] ?? []).map((name) => ({
        ...image,
        annotations: { ...image.annotations, [REF_NAME]: name.replace(OWN, image.digest) },
      })),
    )
    writeIndex(folder, manifests)
    const notes: string[] = []
    await install({
      targets: [folder],
      store,
      noLatest: true,
      onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
    })
    const rows = (await get({ store })).map(
      ({ repository, tag, digest }) =>
        `${repository}:${tag} ${images.findIndex((one) => one.digest === digest)}`,
    )
    return { rows: rows.sort(), images, notes }
  }

  it('are kept side by side, each with the beginning of its digest for a tag', async () => {
    const { rows, images, notes } = await installed([`quay.io/team/app@${OWN}`], [`quay.io/team/app@${OWN}`])
    expect(rows).to.have.members(images.map((one, i) => `quay.io/team/app:${shortDigest(one.digest)} ${i}`))
    expect(notes).to.deep.equal([])
  })

  it('do not take latest from the image that has it', async () => {
    const { rows, images } = await installed([`quay.io/team/app@${OWN}`], ['quay.io/team/app:latest'])
    const own = shortDigest(images[0]?.digest ?? SOME)
    expect(rows).to.have.members([`quay.io/team/app:${own} 0`, 'quay.io/team/app:latest 1'])
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

  for (const name of ['quay.io/team/app@', 'quay.io/team/app:3@', 'app@'])
    it(`are not called by the digest of another image, and that is told: ${name}`, async () => {
      const { rows, images, notes } = await installed([`${name}${SOME}`])
      const { digest } = images[0] ?? { digest: SOME }
      const tag = name.includes(':') ? '3' : shortDigest(digest)
      expect(rows).to.deep.equal([`${name.split(/[:@]/)[0]}:${tag} 0`])
      expect(notes).to.include(`exported: what is called ${name}${SOME} there is ${digest}.`)
    })
})
