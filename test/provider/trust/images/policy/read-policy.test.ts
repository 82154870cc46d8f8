import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { readPolicy } from '../../../../../provider/trust/images/policy/read-policy.js'
import { makeKey } from '../../../../fixtures/signing/keys.js'
import { scratch } from '../../../../scratch.js'
import { failure } from '../../../verbs/failure.js'

const REJECT = { type: 'reject' }
const ACCEPT = { type: 'insecureAcceptAnything' }

describe('a policy for images', () => {
  const temporary = scratch()
  const { pem } = makeKey()
  let folder = ''

  beforeEach(() => {
    folder = temporary.folder()
    writeFileSync(path.join(folder, 'key.pub'), pem)
  })
  after(() => temporary.remove())

  const write = (content: string | object): string => {
    const file = path.join(folder, 'policy')
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    return file
  }
  const demands = async (content: string | object, reference?: string): Promise<string[]> =>
    (await readPolicy(write(content))).requirementsFor(reference).map(({ type }) => type)

  it("of podman's has the requirements of the most exact scope", async () => {
    const policy = {
      default: [REJECT],
      transports: {
        docker: {
          'registry.example/base/debian:12.5': [ACCEPT],
          'registry.example/base/debian': [{ type: 'sigstoreSigned', keyPath: 'key.pub' }],
          'registry.example': [ACCEPT, { type: 'sigstoreSigned', keyPaths: ['key.pub', 'key.pub'] }],
          '*.site.example': [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/etc/pki/rpm-gpg/KEY' }],
        },
        'docker-daemon': { '': [ACCEPT] },
      },
    }
    expect(await demands(policy, 'registry.example/base/debian:12.5')).to.deep.equal(['accept'])
    expect(await demands(policy, 'registry.example/base/debian:12.4')).to.deep.equal(['signed'])
    expect(await demands(policy, 'registry.example/other:1')).to.deep.equal(['accept', 'signed'])
    expect(await demands(policy, 'a.b.site.example/other:1')).to.deep.equal(['unsupported'])
    expect(await demands(policy, 'docker.io/library/debian:12')).to.deep.equal(['reject'])
    expect(await demands(policy)).to.deep.equal(['reject'])
  })

  it("of podman's may have keys in itself", async () => {
    const keyData = Buffer.from(pem).toString('base64')
    const policy = await readPolicy(write({ default: [{ type: 'sigstoreSigned', keyData }] }))
    const [requirement] = policy.requirementsFor('docker.io/library/debian:12')
    if (requirement?.type !== 'signed') throw new Error('no signature is wanted')
    expect(
      policy.signersOf(requirement).map((signer) => signer.kind === 'key' && signer.keys.length),
    ).to.deep.equal([1])
  })

  it('of our own has the first rule that names the repository, in YAML too', async () => {
    const policy = [
      'default: reject',
      'images:',
      '  - name: [debian, quay.io/base/*]',
      '    signedBy: {key: key.pub}',
      '    attestations: [signature, https://slsa.dev/provenance/v1]',
      '  - name: quay.io/base/tools',
      '    is: accepted',
      '  - {name: bitnami/*, is: accepted}',
    ].join('\n')
    expect(await demands(policy, 'docker.io/library/debian:12')).to.deep.equal(['signed', 'signed'])
    expect(await demands(policy, 'quay.io/base/tools:1')).to.deep.equal(['signed', 'signed'])
    expect(await demands(policy, 'docker.io/bitnami/redis:7')).to.deep.equal(['accept'])
    expect(await demands(policy, 'quay.io/other:1')).to.deep.equal(['reject'])
  })

  it("tells all problems of podman's together, with their lines", async () => {
    writeFileSync(path.join(folder, 'not-a-key'), 'hello')
    const error = await failure(
      readPolicy(
        write({
          default: [],
          transports: {
            docker: {
              a: [{ type: 'signedByMagic' }],
              b: [{ type: 'sigstoreSigned' }],
              c: [{ type: 'sigstoreSigned', keyPath: 'not-a-key', keyPth: 'x' }],
              d: [{ type: 'sigstoreSigned', keyPath: 'absent', signedIdentity: { type: 'matchAnything' } }],
              e: [{ type: 'sigstoreSigned', keyPath: 'key.pub', signedIdentity: { type: 'exactReference' } }],
              f: [{ type: 'sigstoreSigned', fulcio: { oidcIssuer: 'x' }, rekorPublicKeyPath: 'key.pub' }],
              g: 'accept',
            },
            telepathy: {},
          },
        }),
      ),
      'POLICY_INVALID',
    )
    for (const word of [
      'default: expected a list of one requirement or more',
      'signedByMagic',
      'expected one of keyPath, keyPaths, keyData, keyDatas, fulcio, pki, found none',
      'keyPth',
      'matchAnything',
      'expected dockerReference',
      'expected caPath or caData, oidcIssuer and subjectEmail',
      'telepathy',
    ])
      expect(error.message).to.contain(word)
    expect(error.message, error.message).to.match(/line \d+, transports\.docker\["a"\]\[0\]\.type/)
  })

  it('tells of every file that is not what it should be', async () => {
    writeFileSync(path.join(folder, 'not-a-key'), 'hello')
    writeFileSync(path.join(folder, 'short'), makeKey('RSA-1024').pem)
    const rules = ['not-a-key', 'absent', 'short'].map((key) => ({ name: 'demo', signedBy: { key } }))
    const roots = [{ name: 'demo', signedBy: { identity: 'x', issuer: 'y', trustedRoot: 'not-a-key' } }]
    const ours = {
      default: 'reject',
      images: [...rules, ...roots, { name: 'demo', signedBy: { certificate: 'key.pub' } }],
    }
    const error = await failure(readPolicy(write(ours)), 'POLICY_INVALID')
    for (const word of ['not-a-key', 'absent', 'rsa 1024', 'trusted_root.json', 'certificates in PEM'])
      expect(error.message).to.contain(word)
  })

  it('of our own needs a default, a name, and somebody who signs', async () => {
    const error = await failure(
      readPolicy(
        write({
          images: [
            { signedBy: { key: 'key.pub' } },
            { name: 'demo' },
            { name: 'demo', is: 'trusted' },
            { name: 'demo', signedBy: { identity: 'x', trustedRoot: 'key.pub' } },
            { name: 'demo', signedBy: { key: 'key.pub', issuer: 'x' } },
            { name: 'demo', signedBy: [] },
            { name: 'demo:1.0', is: 'accepted' },
            { name: 'demo[', is: 'accepted' },
          ],
        }),
      ),
      'POLICY_INVALID',
    )
    for (const word of [
      'default: accept, or reject',
      'images[0]: expected the name of a repository',
      'images[1]: expected signedBy, or is, found neither',
      'expected accepted or rejected',
      'expected issuer beside identity, found none',
      'expected issuer beside identity, found issuer',
      'expected one signer or more',
      'a repository, without a tag',
      'wildcard character pattern is not valid',
    ])
      expect(error.message).to.contain(word)
  })

  it('is refused where it is empty, no document, or not there', async () => {
    for (const text of ['', '[', 'default: reject\ndefault: accept\n', 'just words'])
      await failure(readPolicy(write(text)), 'POLICY_INVALID')
    await failure(readPolicy(path.join(folder, 'absent')), 'PATH_NOT_FOUND')
  })
})
