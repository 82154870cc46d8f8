import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { inContext } from '../../provider/session/context.js'
import { openTrusted } from '../../provider/trust/taking/open-trusted.js'
import { type Keys, saved, trustingHost } from '../provider/trust/site.js'
import { failure } from '../provider/verbs/failure.js'

describe('what was signed and is exchanged before it is used', () => {
  const host = trustingHost()
  let key: Keys

  before(async () => {
    host.begin()
    key = await host.keys('build')
  })
  after(() => host.end())

  /** Takes what lies at a path, where something happens to it as soon as it was compared. */
  async function taken(place: string, exchange: () => void): Promise<void> {
    const request = { store: path.join(host.folder(), 'store'), signedBy: [key.public] }
    await inContext(request, async (context) => {
      const { hasher } = context
      const run = hasher.run.bind(hasher)
      let compared = 0
      hasher.run = async (...args) => {
        const result = await run(...args)
        compared++
        exchange()
        return result
      }
      const { collection, admit } = await openTrusted(context, place, {})
      expect(compared).to.be.greaterThan(0)
      try {
        await admit(async () => (await collection.images()).map(({ refName = '' }) => ({ name: refName })))
      } finally {
        await collection.close()
      }
    })
  }

  it('a media that is exchanged is refused', async () => {
    const [media, other] = await Promise.all(
      ['debian:12.5', 'evil:1'].map(async (name) =>
        saved(host.folder(), [name], {
          path: path.join(host.folder(), 'usb'),
          format: 'media',
          sign: [key.secret],
        }),
      ),
    )
    if (!media || !other) throw new Error('not saved')
    await taken(media, () => {})
    let files = 0
    const exchange = (): void => {
      // After the last file that is compared.
      if (++files < 4) return
      rmSync(media, { recursive: true })
      cpSync(other, media, { recursive: true })
    }
    const error = await failure(taken(media, exchange), 'FILE_CHANGED')
    expect(error.message).to.contain('index.json')
  })

  it('a docker archive that is exchanged is refused', async () => {
    const file = await saved(host.folder(), ['debian:12.5'], {
      path: path.join(host.folder(), 'a.tar'),
      format: 'docker-archive',
      sign: [key.secret],
    })
    await taken(file, () => {})
    const bytes = readFileSync(file)
    const error = await failure(
      taken(file, () => writeFileSync(file, bytes)),
      'FILE_CHANGED',
    )
    expect(error.found).to.contain('changed since')
  })
})
