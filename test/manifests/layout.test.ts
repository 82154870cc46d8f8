import { expect } from 'chai'
import { blobPath, checkLayoutFile, LAYOUT_BYTES, LIMITS } from '../../manifests/index.js'
import { bytes, DIGEST } from './documents.js'
import { placesOf, refusal } from './refusal.js'

describe('the files of an image layout', () => {
  it('say their version in the very bytes that others write', () => {
    expect(LAYOUT_BYTES.toString('utf8')).to.equal('{"imageLayoutVersion":"1.0.0"}')
    checkLayoutFile(LAYOUT_BYTES)
  })

  it('may be of a later version that breaks nothing, and say more', () => {
    checkLayoutFile(bytes({ imageLayoutVersion: '1.1.0', other: [] }))
  })

  for (const version of [
    undefined,
    null,
    1,
    '',
    '1',
    '1.0',
    '2.0.0',
    '0.9.0',
    '1.0.0-rc1',
    '1.0.0\n',
    '10.0.0',
  ])
    it(`are not of version ${JSON.stringify(version)}`, () => {
      expect(placesOf(() => checkLayoutFile(bytes({ imageLayoutVersion: version })))).to.deep.equal([
        'imageLayoutVersion',
      ])
    })

  it('are small', () => {
    refusal(() => checkLayoutFile(Buffer.alloc(LIMITS.layoutFileBytes + 1, ' ')), 'DOCUMENT_TOO_LARGE')
  })

  it('are named by digests', () => {
    expect(blobPath(DIGEST)).to.equal(`blobs/sha256/${DIGEST.slice(7)}`)
    expect(blobPath(`sha512:${'0'.repeat(128)}`)).to.equal(`blobs/sha512/${'0'.repeat(128)}`)
  })

  for (const bad of [
    '',
    'sha256:',
    'sha256:../../../x',
    `sha256:${'A'.repeat(64)}`,
    `../x:${'0'.repeat(64)}`,
  ])
    it(`are not named by ${JSON.stringify(bad).slice(0, 30)} (CVE-2024-3727)`, () => {
      refusal(() => blobPath(bad), 'INVALID_DIGEST')
    })
})
