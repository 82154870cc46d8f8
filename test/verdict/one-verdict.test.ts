import { expect } from 'chai'
import { JUDGED, type JudgedArchive } from '../fixtures/judged-archives.js'
import { TestContainerd } from '../peers/containerd.js'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { type Asked, type Engine, loads, type Verdict, verdicts } from './asked-verbs.js'

describe('one verdict on an archive', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  for (const archive of JUDGED)
    it(`is had of ${archive.what}`, async () => {
      agree(archive, await verdicts(await made(archive), undefined))
    })

  async function made(archive: JudgedArchive): Promise<Asked> {
    return { file: await archive.make(temporary.folder()), scratch: temporary.folder() }
  }

  describeWithPeers(['containerd', 'ctr'], 'that loads it into an engine', () => {
    let containerd: TestContainerd
    let engine: Engine

    before(async () => {
      containerd = await new TestContainerd().start()
      engine = { engine: 'containerd', engineAddress: containerd.address }
    })
    after(() => containerd?.stop())

    for (const archive of JUDGED)
      it(`is had of ${archive.what}`, async () => {
        const asked = await made(archive)
        const said = await verdicts(asked, engine)
        if (archive.damage === 'bytes') said.load = await loads(asked, engine)
        agree(archive, said)
        if (archive.damage) expect(containerd.ctr('images', 'ls', '-q')).to.equal('')
      })
  })
})

/** Everyone has the same images of what is good, and nobody takes what is not; a listing need not read all bytes. */
function agree({ images, damage }: JudgedArchive, said: Record<string, Verdict>): void {
  const { find, inspect, load, ...others } = said
  if (damage) {
    for (const [verb, verdict] of Object.entries({ ...others, ...(load ? { load } : {}) }))
      expect(verdict, `${verb} takes it: ${told(said)}`).to.have.property('refuses')
    return
  }
  for (const [verb, verdict] of Object.entries(said))
    expect(verdict, `${verb} refuses it: ${told(said)}`).to.have.property('images')
  const installed = imagesOf(said.install)
  expect(installed, `install: ${told(said)}`).to.have.length(images)
  for (const verb of ['inspect', 'find', 'save'])
    expect(imagesOf(said[verb]), `${verb}, and not as install: ${told(said)}`).to.deep.equal(installed)
  // An engine gets one platform of each.
  if (load) expect(installed, `load, and not as install: ${told(said)}`).to.include.members(imagesOf(load))
  if (load) expect(imagesOf(load)).to.not.deep.equal([])
}

function imagesOf(verdict: Verdict | undefined): string[] {
  return verdict && 'images' in verdict ? verdict.images : []
}

function told(said: Record<string, Verdict>): string {
  const lines = Object.entries(said).map(([verb, verdict]) =>
    'images' in verdict
      ? `${verb} has ${verdict.images.join(' ') || 'no objection'}`
      : `${verb}: ${verdict.refuses}`,
  )
  return `\n${lines.join('\n')}\n`
}
