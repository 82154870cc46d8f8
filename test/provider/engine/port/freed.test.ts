import { expect } from 'chai'
import { ContainerImageError, type Digest, digestOf } from '../../../../manifests/index.js'
import type { EngineImage } from '../../../../provider/engine/port/engine.js'
import { freedByEach } from '../../../../provider/engine/port/freed.js'

/** An image of layers, each of which is as large as the number in its name says. */
function image(name: string, ...layers: string[]): EngineImage {
  return {
    id: digestOf(name),
    names: [name],
    diffIds: layers.map((layer) => digestOf(layer)),
    platform: { os: 'linux', architecture: 'amd64' },
    created: '',
    size: sizeOf(layers),
  }
}

function sizeOf(layers: string[]): number {
  return layers.reduce((sum, layer) => sum + Number(/\d+/.exec(layer)?.[0]), 0)
}

describe('what an engine gets rid of', () => {
  const layersOf = new Map<Digest, string[]>()
  const made = (name: string, ...layers: string[]): EngineImage => {
    layersOf.set(digestOf(name), layers)
    return image(name, ...layers)
  }
  const base = made('base', 'a100')
  const one = made('one', 'a100', 'b10')
  const two = made('two', 'a100', 'b10', 'c1')
  const apart = made('apart', 'd7')
  const all = [base, one, two, apart]
  const tells = {
    sizeBelow: async ({ id }: EngineImage, count: number) => sizeOf((layersOf.get(id) ?? []).slice(0, count)),
  }
  const freed = async (going: EngineImage[], engine: Parameters<typeof freedByEach>[0] = tells, of = all) => {
    const found = await freedByEach(engine, of, new Set(going.map(({ id }) => id)))
    return going.map(({ id }) => found.get(id))
  }

  it('is what no other image stands on', async () => {
    expect(await freed([two])).to.deep.equal([1])
    expect(await freed([apart])).to.deep.equal([7])
    expect(await freed([base])).to.deep.equal([0])
    expect(await freed([one])).to.deep.equal([0])
  })

  it('has a layer that several of them share once', async () => {
    expect(await freed([one, two, base])).to.deep.equal([10, 1, 100])
    expect(await freed([two, apart])).to.deep.equal([1, 7])
  })

  it('is told by an image that is the shared part, where the engine does not say', async () => {
    expect(await freed([two], { sizeBelow: async () => undefined })).to.deep.equal([1])
  })

  it('is nothing of a part that nobody knows the size of, whatever the engine answers', async () => {
    const silent = { sizeBelow: async () => undefined }
    const crashing = {
      sizeBelow: async () => {
        throw new ContainerImageError('ENGINE_REFUSED', 'nil pointer dereference')
      },
    }
    const other = made('other', 'a100', 'x5')
    for (const engine of [silent, crashing])
      expect(await freed([other], engine, [two, other])).to.deep.equal([0])
  })
})
