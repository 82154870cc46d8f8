import { expect } from 'chai'
import { ANNOTATIONS } from '../../manifests/index.js'

describe('the keys of annotations', () => {
  it('are each of one meaning, and of a domain that may give it', () => {
    const keys = Object.values(ANNOTATIONS)
    expect(new Set(keys).size).to.equal(keys.length)
    for (const key of keys)
      expect(key).to.match(/^(org\.opencontainers\.image|io\.containerd\.image|io\.containerimage)\.[a-z.]+$/)
  })
})
