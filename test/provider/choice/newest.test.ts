import { expect } from 'chai'
import { ANNOTATIONS, digestOf, shortDigest } from '../../../manifests/index.js'
import type { ChosenImage } from '../../../provider/choice/chosen-image.js'
import { newestOfEachName } from '../../../provider/choice/newest.js'

describe('the newest of several versions of one name', () => {
  /** The versions that would be `latest`, in whichever order they come. */
  function newest(...versions: string[]): string[] {
    const images = versions.map((version) => ({
      name: 'redis',
      version,
      root: { digest: digestOf('an image') },
      annotations: { [ANNOTATIONS.originIndex]: digestOf('its index') },
    })) as unknown as ChosenImage[]
    const found = [...newestOfEachName(images)].map(({ version }) => version)
    expect([...newestOfEachName([...images].reverse())].map(({ version }) => version)).to.deep.equal(found)
    return found
  }

  it('is told by the numbers in it', () => {
    expect(newest('7.9', '7.10')).to.deep.equal(['7.10'])
    expect(newest('7', '8')).to.deep.equal(['8'])
    expect(newest('9', '10', '8')).to.deep.equal(['10'])
    expect(newest('v1.9.1', 'v1.10.0')).to.deep.equal(['v1.10.0'])
    expect(newest('7-alpine', '8-alpine')).to.deep.equal(['8-alpine'])
  })

  it('is a version before any other tag, and the tag latest before all', () => {
    expect(newest('7.2', 'edge', '9-rc1')).to.deep.equal(['7.2'])
    expect(newest('7', 'latest', '8.1')).to.deep.equal(['latest'])
  })

  it('is never an artifact, which nobody can run', () => {
    const chart = {
      name: 'redis',
      version: '9',
      root: { digest: digestOf('a chart') },
      annotations: {},
      artifact: {},
    }
    expect(newestOfEachName([chart as unknown as ChosenImage]).size).to.equal(0)
  })

  it('is none that is known by its digest, or that of its index, alone', () => {
    const digests = ['an image', 'its index'].map((text) => shortDigest(digestOf(text)))
    expect(newest(...digests)).to.deep.equal([])
    expect(newest(...digests, '7')).to.deep.equal(['7'])
  })

  it('is the same on every machine where no number tells it', () => {
    expect(newest('trixie', 'bookworm')).to.deep.equal(['bookworm'])
    expect(newest('8-slim', '8-alpine', '8')).to.deep.equal(['8'])
  })
})
