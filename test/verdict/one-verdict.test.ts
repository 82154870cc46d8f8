import { expect } from 'chai'
import { JUDGED, type JudgedArchive } from '../fixtures/judged-archives.js'
import { TestContainerd } from '../peers/containerd.js'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { agree } from './agree.js'
import { type Asked, type Engine, loads, storeIn, verdicts } from './asked-verbs.js'

describe('one verdict on an archive', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  for (const archive of JUDGED)
    it(`is the same for ${archive.what}`, async () => {
      agree(archive, await verdicts(await made(archive), undefined))
    })

  async function made(archive: JudgedArchive): Promise<Asked> {
    const scratch = temporary.folder()
    return { file: await archive.make(temporary.folder(), storeIn(scratch)), scratch }
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
      it(`is the same for ${archive.what}`, async () => {
        const asked = await made(archive)
        const said = await verdicts(asked, engine)
        if (archive.damage === 'bytes') said.load = await loads(asked, engine)
        agree(archive, said)
        if (archive.damage) expect(containerd.ctr('images', 'ls', '-q')).to.equal('')
      })
  })
})
