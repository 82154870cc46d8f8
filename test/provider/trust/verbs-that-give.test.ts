import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, type ErrorCode } from '../../../manifests/index.js'
import { copy, load, mediaSign, push, save, serve, trustAdd, trustRemove } from '../../../provider/index.js'
import { makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { attachByTag, attachReferrer, type SignedLayer } from '../../fixtures/signing/attach.js'
import { type MadeCertificate, makeCertificate } from '../../fixtures/signing/certificates.js'
import { cosignLayer, statement } from '../../fixtures/signing/cosign.js'
import { type KeyPair, makeKey } from '../../fixtures/signing/keys.js'
import { NOTATION, notationLayer, notationSigner } from '../../fixtures/signing/notation.js'
import {
  IDENTITY,
  ISSUER,
  identityBundle,
  identityCertificate,
  type MadeSigstore,
  makeSigstore,
  trustedRoot,
} from '../../fixtures/signing/sigstore.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { type Docker, startDocker } from '../../peers/engines.js'
import { describeWithPeers } from '../../peers/peers.js'
import { ask, startServing } from '../serve/serving.js'
import { failure } from '../verbs/failure.js'
import { type Keys, trustingHost } from './site.js'

/** Who signs images: with a key, with an identity of sigstore, and with a certificate of Notary Project. */
interface Signers {
  key: KeyPair
  sigstore: MadeSigstore
  authority: MadeCertificate
}

function makeSigners(): Signers {
  const authority = makeCertificate({ commonName: 'root', isAuthority: true })
  return { key: makeKey(), sigstore: makeSigstore(), authority }
}

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const SIGN = 'https://sigstore.dev/cosign/sign/v1'

/** How an image of each name is signed. */
const SIGNINGS: Record<string, (layout: string, image: Descriptor, by: Signers) => void> = {
  cosign: (layout, image, { key }) => {
    attachByTag(layout, image, [cosignLayer(image, key)])
  },
  sigstore: (layout, image, { sigstore }) => {
    const bundle = identityBundle(sigstore, statement(image.digest, SIGN), identityCertificate(sigstore))
    attach(layout, image, { mediaType: BUNDLE, bytes: Buffer.from(JSON.stringify(bundle)) }, BUNDLE)
  },
  notation: (layout, image, { authority }) => {
    attach(layout, image, notationLayer(image, notationSigner(authority), [authority]), NOTATION)
  },
}

function attach(layout: string, image: Descriptor, layer: SignedLayer, type: string): void {
  attachReferrer(layout, image, layer, type)
}

describeWithPeers(['docker', 'dockerd', 'docker-registry'], 'verbs that give images away', () => {
  const host = trustingHost()
  const signers = makeSigners()
  const others = makeSigners()
  let engine: Docker
  let registry: DockerRegistry
  let folder: string
  let store: string
  let policy: string
  let build: Keys

  before(async () => {
    host.begin()
    engine = await startDocker()
    registry = await startDockerRegistry()
    build = await host.keys('build')
    policy = policyIn(host.folder())
  })
  beforeEach(() => {
    folder = host.folder()
    store = path.join(folder, 'store')
  })
  after(async () => {
    await registry?.stop()
    await engine?.stop()
    host.end()
  })

  function policyIn(place: string, more: object[] = []): string {
    const write = (name: string, content: string | object): void =>
      writeFileSync(path.join(place, name), typeof content === 'string' ? content : JSON.stringify(content))
    write('key.pub', signers.key.pem)
    write('trusted_root.json', trustedRoot(signers.sigstore))
    write('root.pem', signers.authority.certificate)
    const signedBy = {
      cosign: { key: 'key.pub' },
      sigstore: { identity: IDENTITY, issuer: ISSUER },
      notation: { certificate: 'root.pem' },
    }
    const images = Object.entries(signedBy).map(([name, signer]) => ({ name, signedBy: signer }))
    write('policy.json', {
      default: 'reject',
      trustedRoot: 'trusted_root.json',
      images: [...images, ...more],
    })
    return path.join(place, 'policy.json')
  }

  function layoutOf(name: string, by?: Signers): string {
    const layout = path.join(host.folder(), 'layout')
    const [image] = makeLayout(layout, [{ refName: `${name}:1.0`, layers: [{ files: { name } }] }])
    if (image && by) SIGNINGS[name]?.(layout, image, by)
    return layout
  }

  const served = async (request: object, name: string): Promise<number> => {
    const running = await startServing({ store, ...request })
    const { status } = await ask(running, `/v2/${name}/manifests/1.0`)
    await running.stop()
    return status
  }
  const inRegistry = async (): Promise<string> =>
    await (await fetch(`http://${registry.host}/v2/_catalog`)).text()
  const inEngine = (): string => engine.docker('images', '--format', '{{.Repository}}')
  const engineOptions = () => ({ store, engine: 'docker', engineAddress: engine.socket }) as const

  /** Every verb that gives something of a file away, to a place named so; `nothing` says that the place is as it was. */
  function givers(file: string, name: string, request: object) {
    const to = `${registry.host}/to-${name}-${path.basename(path.dirname(file))}`.toLowerCase()
    const nothing = async (): Promise<void> => {
      expect(await inRegistry()).not.to.contain(to.slice(registry.host.length + 1))
      expect(inEngine()).not.to.contain(name)
    }
    return {
      nothing,
      all: [
        () => serve({ path: file, store, whatIf: true, ...request }),
        () => startServing({ path: file, store, ...request }),
        () => copy({ image: file, destination: `${to}:1.0`, store, ...request }),
        () => push({ names: [file], registry: to, store, ...request }),
        () => load({ names: [file], ...engineOptions(), ...request }),
      ],
      async taken(): Promise<void> {
        expect(await served({ path: file, ...request }, name)).to.equal(200)
        await copy({ image: file, destination: `${to}:1.0`, store, ...request })
        expect(await inRegistry()).to.contain(to.slice(registry.host.length + 1))
        await load({ names: [file], ...engineOptions(), ...request })
        expect(inEngine()).to.contain(name)
      },
    }
  }

  for (const name of Object.keys(SIGNINGS)) {
    it(`follow a policy: of ${name} only what is signed as it demands is given`, async () => {
      const refused: [string, ErrorCode][] = [
        [layoutOf(name), 'IMAGE_UNSIGNED'],
        [layoutOf(name, others), 'IMAGE_SIGNER_UNTRUSTED'],
        [layoutOf('other'), 'IMAGE_REJECTED'],
      ]
      for (const [layout, code] of refused) {
        const { all, nothing } = givers(layout, name, { policy })
        for (const give of all) await failure(give(), code)
        await nothing()
      }
      await givers(layoutOf(name, signers), name, { policy }).taken()
    })
  }

  it('take nothing that no trusted key has signed, or that somebody changed', async () => {
    const media = path.join(folder, 'signed', 'usb')
    await save({ names: [layoutOf('cosign')], path: media, format: 'media', force: true, store })
    const request = { signedBy: [build.public] }
    const refuse = async (code: ErrorCode): Promise<void> => {
      const { all, nothing } = givers(media, 'trusted', request)
      for (const give of all) await failure(give(), code)
      await nothing()
    }
    await refuse('SIGNATURE_MISSING')
    await mediaSign({ path: media, sign: [build.secret] })
    const running = await startServing({ path: media, store, ...request })
    expect((await ask(running, '/v2/cosign/manifests/1.0')).status).to.equal(200)
    // What comes while it is served is judged as well, and what was there before is served on.
    await save({ names: [layoutOf('sigstore')], path: media, format: 'media', store })
    expect((await ask(running, '/v2/sigstore/manifests/1.0')).status).to.equal(404)
    expect((await ask(running, '/v2/cosign/manifests/1.0')).status).to.equal(200)
    expect(running.notes.join('\n')).to.contain('not what was signed')
    await running.stop()
  })

  it('load nothing that a gate refuses', async () => {
    const script = path.join(folder, 'refusing.mjs')
    writeFileSync(script, 'process.exit(process.argv[2] === "no" ? 3 : 0)')
    const names = [layoutOf('gated')]
    const gate = (word: string): string => `"${process.execPath}" "${script}" ${word} {}`
    await failure(load({ names, ...engineOptions(), gate: gate('no') }), 'GATE_REFUSED')
    expect(inEngine()).not.to.contain('gated')
    const { gate: verdict } = await load({ names, ...engineOptions(), gate: gate('yes') })
    expect(verdict?.verdict).to.equal('passed')
    expect(inEngine()).to.contain('gated')
  })

  it('serve and install under every name that an image says it has, and each of them is judged', async () => {
    const accepting = policyIn(folder, [{ name: 'tool', is: 'accepted' }])
    const says: [Record<string, string>, string, string][] = [
      [{ [ANNOTATIONS.source]: 'docker.io/library/cosign:1.0' }, 'tool:1.0', 'library/cosign'],
      [{ [ANNOTATIONS.name]: 'tool', [ANNOTATIONS.imageVersion]: '1.0' }, 'cosign:1.0', 'cosign'],
    ]
    for (const [annotations, refName, askedFor] of says) {
      const layout = path.join(host.folder(), 'layout')
      makeLayout(layout, [{ refName, annotations, layers: [{ files: { refName } }] }])
      expect(await served({ path: layout }, askedFor)).to.equal(200)
      await failure(serve({ path: layout, store, policy: accepting, whatIf: true }), 'IMAGE_UNSIGNED')
    }
  })

  it('name an image only as the key that signed it may', async () => {
    const media = path.join(folder, 'usb')
    const layout = path.join(folder, 'layout')
    const annotations = { [ANNOTATIONS.name]: 'tool', [ANNOTATIONS.imageVersion]: '1.0' }
    makeLayout(layout, [{ refName: 'tool:1.0', annotations, layers: [{ files: { a: 'a' } }] }])
    const entries = readIndex(layout)
    const named = (name: string): Descriptor[] =>
      entries.map((one) => ({ ...one, annotations: { ...one.annotations, [ANNOTATIONS.refName]: name } }))
    writeIndex(layout, [...entries, ...named('debian:12.5')])
    await save({ names: [layout], path: media, format: 'media', force: true, store, sign: [build.secret] })
    const taken = (patterns: string[]): Promise<unknown> =>
      trustAdd({ key: build.public, name: 'build', patterns }).then(() =>
        load({ names: [media], ...engineOptions() }),
      )
    await failure(taken(['tool*']), 'SIGNATURE_UNTRUSTED')
    expect(inEngine()).not.to.contain('debian')
    await trustRemove('build')
    await taken(['tool*', 'debian'])
    expect(inEngine()).to.contain('debian')
    await trustRemove('build')
  })
})
