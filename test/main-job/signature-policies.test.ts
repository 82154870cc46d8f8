import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { inspect, install, push, save } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { attachByTag } from '../fixtures/signing/attach.js'
import { cosignLayer } from '../fixtures/signing/cosign.js'
import { makeKey } from '../fixtures/signing/keys.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'

const ACCEPT = { type: 'insecureAcceptAnything' }
const REJECT = { type: 'reject' }

describeWithPeers(['docker-registry', 'skopeo'], "a policy of podman's", () => {
  const temporary = scratch()
  const key = makeKey()
  let folder: string
  let registry: DockerRegistry

  before(async () => {
    registry = await startDockerRegistry()
    folder = temporary.folder()
    makeLayout(path.join(folder, 'unsigned'), [{ refName: 'unsigned:1.0', layers: [{ files: { a: 'a' } }] }])
    await push({ names: [path.join(folder, 'unsigned')], registry: registry.host })
  })

  after(async () => {
    await registry?.stop()
    temporary.remove()
  })

  const policyOf = (
    name: string,
    docker: Record<string, object[]>,
    otherwise: object[] = [REJECT],
  ): string => {
    const file = path.join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify({ default: otherwise, transports: { docker } }))
    return file
  }
  const signedWith = (name: string, pem: string): string => {
    writeFileSync(path.join(folder, `${name}.pub`), pem)
    const signedIdentity = { type: 'matchRepository' }
    const demand = { type: 'sigstoreSigned', keyPath: `${name}.pub`, signedIdentity }
    return policyOf(name, { [registry.host]: [demand] })
  }
  const skopeoTakes = (policy: string): boolean => {
    const from = `docker://${registry.host}/unsigned:1.0`
    const to = `dir:${path.join(temporary.folder(), 'copy')}`
    try {
      runPeer('skopeo', ['--policy', policy, 'copy', '--src-tls-verify=false', from, to])
      return true
    } catch (error) {
      expect(String(error)).to.contain('Source image rejected')
      return false
    }
  }
  const weTake = async (policy: string): Promise<boolean> => {
    const [found] = await inspect({ names: [`${registry.host}/unsigned:1.0`], policy })
    return found !== undefined && 'reference' in found && found.refusal === undefined
  }

  // Debian builds skopeo without signatures of sigstore.
  it('is read as skopeo reads it, as far as scopes go', async () => {
    const { host } = registry
    const policies: [string, boolean][] = [
      [policyOf('default', {}, [ACCEPT]), true],
      [policyOf('none', { 'other.example': [ACCEPT] }), false],
      [policyOf('host', { [host]: [ACCEPT] }), true],
      [policyOf('all', { [host]: [ACCEPT, REJECT] }), false],
      [policyOf('repository', { [host]: [REJECT], [`${host}/unsigned`]: [ACCEPT] }), true],
      [policyOf('tag', { [`${host}/unsigned`]: [ACCEPT], [`${host}/unsigned:1.0`]: [REJECT] }), false],
      [policyOf('other-tag', { [`${host}/unsigned`]: [ACCEPT], [`${host}/unsigned:2.0`]: [REJECT] }), true],
      [policyOf('transport', { '': [ACCEPT] }), true],
      [policyOf('part', { [`${host}/unsig`]: [ACCEPT] }), false],
    ]
    for (const [policy, isTaken] of policies) {
      expect(skopeoTakes(policy), `skopeo, ${path.basename(policy)}`).to.equal(isTaken)
      expect(await weTake(policy), `containerimage, ${path.basename(policy)}`).to.equal(isTaken)
    }
  })

  it('is followed before a stick is made, and again by the host that it is brought to', async () => {
    const { host } = registry
    const layout = path.join(folder, 'signed')
    const [image] = makeLayout(layout, [{ refName: 'signed:1.0', layers: [{ files: { a: 'a' } }] }])
    if (!image) throw new Error('the fixture made no image')
    attachByTag(layout, image, [cosignLayer(image, key, `${host}/signed`)])
    await push({ names: [layout], registry: host })
    const [right, wrong] = [signedWith('right', key.pem), signedWith('wrong', makeKey().pem)]
    const names = [`${host}/signed:1.0`]
    const stick = path.join(folder, 'stick')
    await failure(save({ names, path: stick, policy: wrong, force: true }), 'IMAGE_SIGNER_UNTRUSTED')
    const unsigned = [`${host}/unsigned:1.0`]
    await failure(save({ names: unsigned, path: stick, policy: right, force: true }), 'IMAGE_UNSIGNED')
    await save({ names, path: stick, policy: right, format: 'media', force: true })
    expect(readFileSync(path.join(stick, 'index.html'), 'utf8')).to.match(
      /<dt>Signed by<\/dt><dd><bdi>key [0-9a-f]{16}\./,
    )
    const store = path.join(folder, 'store')
    await failure(install({ targets: [stick], store, policy: wrong }), 'IMAGE_SIGNER_UNTRUSTED')
    expect((await install({ targets: [stick], store, policy: right })).images).to.have.length(1)
    await failure(
      push({ names: ['signed:1.0'].map((one) => `${host}/${one}`), registry: host, store, policy: wrong }),
      'IMAGE_SIGNER_UNTRUSTED',
    )
    await push({ names: [`${host}/signed:1.0`], registry: host, store, policy: right })
  })
})
