import { expect } from 'chai'
import { insteadOf, isReference, parseReference } from '../../manifests/index.js'
import { DIGEST } from './documents.js'
import { refusal } from './refusal.js'

describe('a text that was meant as a reference', () => {
  const written: Record<string, string> = {
    'docker://a.b/x:1': 'a.b/x:1',
    'Docker://localhost:5000/x': 'localhost:5000/x',
    'https://a.b/x': 'a.b/x',
    'http://127.0.0.1:5000/base/x:1': '127.0.0.1:5000/base/x:1',
    'a.b/Base/App': 'a.b/base/app',
    'docker://a.b/Base/App:V1': 'a.b/base/app:V1',
    [`a.b:1/X@${DIGEST}`]: `a.b:1/x@${DIGEST}`,
    'a.b/x/': 'a.b/x',
    'a.b//x/y:1': 'a.b/x/y:1',
    'https://a.b/x/': 'a.b/x',
  }
  for (const [text, expected] of Object.entries(written))
    it(`is told as it should be written: ${text}`, () => {
      expect(isReference(expected)).to.equal(true)
      expect(insteadOf(text)).to.match(/: \S+\.$/)
      expect(insteadOf(text)?.endsWith(` ${expected}.`), insteadOf(text)).to.equal(true)
    })

  const faults: Record<string, string> = {
    'a.b/x:': 'The tag is missing',
    'a.b/x:la@test': '"test" is no digest',
    'a.b/x:-1': '"-1" cannot be a tag',
    'a.b/x@sha256:abc': '"sha256:abc" is no digest',
    [`a.b/x@${DIGEST.toUpperCase()}`]: 'is no digest',
    'a.b/x y:1': '"x y" cannot be a repository',
    'a.b/:1': 'The name of the repository is missing: a.b/NAME:1.',
    'a.b:99999/x': '"a.b:99999" cannot be a registry',
    'docker://localhost:5000': 'Write it without "docker://": localhost:5000/NAME.',
    'oci:/tmp/layout:1.0': 'without "oci:"',
    'docker-archive:x.tar:app:1.0': 'without "docker-archive:"',
    'dir:./x': 'without "dir:"',
    'containers-storage:localhost/app:1.0': '`source` podman',
    'docker-daemon:app:1.0': '`source` docker',
  }
  for (const [text, expected] of Object.entries(faults))
    it(`is told what is wrong with it: ${text}`, () => expect(insteadOf(text)).to.contain(expected))

  for (const text of [
    'a.b/x:1',
    'debian',
    'debian:12',
    'dir:1.0',
    'oci:1.0',
    'base/App',
    'a.b/x:1.*',
    'a.b/X*',
    './a/X',
    'C:/a/X',
    '/a/X',
    '.hidden/X',
    '',
  ])
    it(`is not ${JSON.stringify(text)}`, () => expect(insteadOf(text)).to.equal(undefined))

  it('is refused with that advice', () => {
    const error = refusal(() => parseReference('docker://a.b/x'), 'INVALID_REFERENCE')
    expect(error.remedy).to.equal('Write it without "docker://": a.b/x.')
  })
})
