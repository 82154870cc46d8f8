import { expect } from 'chai'
import {
  checkDescriptor,
  checkLayoutFile,
  digestOf,
  Findings,
  hasCode,
  parseConfig,
  parseIndex,
  parseJson,
  parseManifest,
} from '../../manifests/index.js'
import { describeWithPeers, imageSpec } from '../peers/peers.js'
import { bytes } from './documents.js'
import {
  type Example,
  examplesInDocuments,
  examplesInTests,
  failuresInTests,
  type Kind,
} from './image-spec-examples.js'

/** Where ours and the schemas of the specification differ, on purpose. */
const DIFFERENCES: { what: string; example: RegExp; good: boolean; because: string }[] = [
  {
    what: 'refuses digests of algorithms that are not registered',
    example: /"digest": "(?:sha256[+.]|multihash)/,
    good: true,
    because:
      'descriptor.md: implementations may accept them only where they can compute them. We cannot, so such a ' +
      'blob could not be verified, and nothing is used before it is.',
  },
  {
    what: 'takes a manifest without layers',
    example: /"layers": \[\]/,
    good: false,
    because:
      'manifest.md only asks for one layer; umoci writes new images without any, and docker loads them.',
  },
  {
    what: 'takes an item of Env without =',
    example: /"Env": \[\s*"foo"\s*\]/,
    good: false,
    because: 'docker load, ctr images import and skopeo take such an image, and nothing of ours reads Env.',
  },
]

const CHECKS: Record<Kind, (json: Buffer) => void> = {
  descriptor: (json) => {
    const findings = new Findings('descriptor')
    const value = parseJson(json, findings)
    if (findings.problems.length === 0) checkDescriptor(value, '(whole)', findings)
    findings.throwIfAny()
  },
  manifest: (json) => void parseManifest(json),
  index: (json) => void parseIndex(json),
  config: (json) => void parseConfig(json),
  layout: checkLayoutFile,
}

describeWithPeers(['image-spec'], 'the examples of the image-spec', () => {
  // A group that is skipped is gone through as well, to count its tests.
  const folder = imageSpec()
  const documented = folder === undefined ? [] : examplesInDocuments(folder)
  const tested = folder === undefined ? [] : examplesInTests(folder)
  const examples = [...documented, ...tested]

  it('are all found, good and bad ones of every kind', () => {
    expect(documented.length).to.be.at.least(8)
    expect(tested.filter((example) => !example.good)).to.have.lengthOf(failuresInTests(folder ?? ''))
    for (const kind of Object.keys(CHECKS) as Kind[]) {
      const verdicts = examples.filter((example) => example.kind === kind).map((example) => example.good)
      expect(verdicts, kind).to.include(true).and.to.include(false)
    }
  })

  for (const example of examples) {
    const difference = differenceFor(example)
    const taken = difference === undefined ? example.good : !example.good
    const why = difference ? ` (ours ${difference.what})` : ''
    it(`${taken ? 'takes' : 'refuses'} the ${example.kind} of ${example.where}${why}`, () => {
      const error = errorOf(example)
      if (taken) return expect(error).to.equal(undefined)
      if (!hasCode(error, 'INVALID_DOCUMENT')) throw error ?? new Error('it was taken')
      expect(error.details?.problems).to.be.an('array').that.is.not.empty
      return expect(error.message).to.match(/: expected .+, found ./)
    })
  }

  it('have the digests that the specification gives for them', () => {
    const pinned = examples.filter((example) => example.digest !== undefined)
    expect(pinned).to.have.lengthOf(4)
    for (const example of pinned) expect(digestOf(example.text), example.where).to.equal(example.digest)
  })

  it('show every difference that is listed', () => {
    for (const difference of DIFFERENCES)
      expect(examples.map(differenceFor), difference.what).to.include(difference)
  })
})

function differenceFor(example: Example) {
  return DIFFERENCES.find((known) => known.good === example.good && known.example.test(example.text))
}

function errorOf(example: Example): unknown {
  try {
    CHECKS[example.kind](bytes(example.text))
    return undefined
  } catch (error) {
    return error
  }
}
