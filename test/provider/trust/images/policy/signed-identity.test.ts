import { expect } from 'chai'
import type { SignedIdentity } from '../../../../../provider/trust/images/policy/policy.js'
import { scopesOf } from '../../../../../provider/trust/images/policy/scopes.js'
import { identityFits } from '../../../../../provider/trust/images/policy/signed-identity.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const IMAGE = 'registry.example:5000/base/debian:12.5'
const PINNED = `registry.example:5000/base/debian@${DIGEST}`

/** From containers-policy.json(5), "signedIdentity": what is wanted, the image, the name in the signature. */
const CASES: [SignedIdentity, string | undefined, string | undefined, boolean][] = [
  [{ type: 'matchExact' }, IMAGE, IMAGE, true],
  [{ type: 'matchExact' }, IMAGE, 'registry.example:5000/base/debian:12.4', false],
  [{ type: 'matchExact' }, PINNED, 'registry.example:5000/base/debian', false],
  [{ type: 'matchRepoDigestOrExact' }, IMAGE, IMAGE, true],
  [{ type: 'matchRepoDigestOrExact' }, IMAGE, 'registry.example:5000/base/debian', false],
  [{ type: 'matchRepoDigestOrExact' }, PINNED, 'registry.example:5000/base/debian:11', true],
  [{ type: 'matchRepoDigestOrExact' }, PINNED, 'registry.example:5000/base/alpine:11', false],
  [{ type: 'matchRepository' }, IMAGE, 'registry.example:5000/base/debian', true],
  [{ type: 'matchRepository' }, IMAGE, 'registry.example:5000/base/debian:11', true],
  [{ type: 'matchRepository' }, IMAGE, 'registry.example/base/debian', false],
  [{ type: 'matchRepository' }, 'docker.io/library/debian:12', 'debian:12', true],
  [{ type: 'exactReference', reference: 'debian:12' }, IMAGE, 'docker.io/library/debian:12', true],
  [{ type: 'exactReference', reference: 'debian:12' }, IMAGE, 'docker.io/library/debian', false],
  [{ type: 'exactRepository', repository: 'quay.io/base/debian' }, IMAGE, 'quay.io/base/debian:9', true],
  [{ type: 'exactRepository', repository: 'quay.io/base/debian' }, IMAGE, 'quay.io/base/debian2', false],
  [
    { type: 'remapIdentity', prefix: 'registry.example:5000', signedPrefix: 'quay.io' },
    IMAGE,
    'quay.io/base/debian:12.5',
    true,
  ],
  [
    { type: 'remapIdentity', prefix: 'registry.example:5000/ba', signedPrefix: 'quay.io' },
    IMAGE,
    IMAGE,
    true,
  ],
  [
    { type: 'remapIdentity', prefix: 'other.example', signedPrefix: 'quay.io' },
    IMAGE,
    'quay.io/base/debian:12.5',
    false,
  ],
  [{ type: 'any' }, IMAGE, undefined, true],
  [{ type: 'matchRepository' }, IMAGE, undefined, false],
  [{ type: 'matchRepository' }, undefined, 'debian', false],
  [{ type: 'matchRepository' }, IMAGE, '../../etc/passwd\u001b[31m', false],
]

describe('the name that a signature gives an image', () => {
  for (const [wanted, image, signed, fits] of CASES)
    it(`${fits ? 'fits' : 'does not fit'}: ${JSON.stringify(wanted)} of ${image}, signed ${JSON.stringify(signed)}`, () => {
      expect(identityFits(wanted, image, signed)).to.equal(fits)
    })

  it('is looked up from the image up to its domains', () => {
    expect(scopesOf('a.b.example:5000/x/y:1')).to.deep.equal([
      'a.b.example:5000/x/y:1',
      'a.b.example:5000/x/y',
      'a.b.example:5000/x',
      'a.b.example:5000',
      '*.b.example',
      '*.example',
    ])
    expect(scopesOf(`h.example/x@${DIGEST}`).slice(0, 2)).to.deep.equal([
      `h.example/x@${DIGEST}`,
      'h.example/x',
    ])
  })
})
