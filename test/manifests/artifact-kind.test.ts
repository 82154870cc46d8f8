import { expect } from 'chai'
import {
  type ArtifactKind,
  artifactOf,
  type Descriptor,
  digestOf,
  isImageManifest,
  type Manifest,
  MEDIA_TYPES,
} from '../../manifests/index.js'

function blob(mediaType: string, text = mediaType, annotations?: Record<string, string>): Descriptor {
  return { mediaType, digest: digestOf(Buffer.from(text)), size: text.length, annotations }
}

function manifest(config: Descriptor, layers: Descriptor[], more: Partial<Manifest> = {}): Manifest {
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers, ...more }
}

const IMAGE = blob(MEDIA_TYPES.ociConfig)
const EMPTY = blob(MEDIA_TYPES.ociEmpty, '{}')
const TITLE = { 'org.opencontainers.image.title': 'a.bin' }

describe('what a manifest is', () => {
  const images: Record<string, Manifest> = {
    'an image': manifest(IMAGE, [blob(MEDIA_TYPES.ociLayerGzip)]),
    'an image of no layers': manifest(IMAGE, []),
    'an image that calls itself an artifact of images': manifest(IMAGE, [blob(MEDIA_TYPES.ociLayer)], {
      artifactType: MEDIA_TYPES.ociConfig,
    }),
    'an image with an artifact type of its own': manifest(IMAGE, [blob(MEDIA_TYPES.ociLayerZstd)], {
      artifactType: 'application/vnd.example.disk.v1',
    }),
    "docker's image": manifest(blob(MEDIA_TYPES.dockerConfig), [blob(MEDIA_TYPES.dockerLayerGzip)], {
      mediaType: MEDIA_TYPES.dockerManifest,
    }),
    'an image with a document beside its layers': manifest(IMAGE, [
      blob(MEDIA_TYPES.ociLayer),
      blob('application/vnd.in-toto+json'),
    ]),
  }
  for (const [what, one] of Object.entries(images))
    it(`is an image: ${what}`, () => {
      expect(isImageManifest(one)).to.equal(true)
      expect(artifactOf(one)).to.equal(undefined)
    })

  const HELM = 'application/vnd.cncf.helm.config.v1+json'
  const SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json'
  const artifacts: Record<string, { of: Manifest; is: ArtifactKind }> = {
    "Helm's chart": {
      of: manifest(blob(HELM), [blob('application/vnd.cncf.helm.chart.content.v1.tar+gzip')]),
      is: { kind: 'Helm chart', artifactType: HELM },
    },
    "cosign's signature, with an image's config": {
      of: manifest(IMAGE, [blob(SIGNING)]),
      is: { kind: 'cosign signature', artifactType: SIGNING },
    },
    "cosign's attestation": {
      of: manifest(IMAGE, [blob('application/vnd.dsse.envelope.v1+json')]),
      is: { kind: 'attestation', artifactType: 'application/vnd.dsse.envelope.v1+json' },
    },
    "BuildKit's attestation": {
      of: manifest(IMAGE, [blob('application/vnd.in-toto+json'), blob('application/vnd.in-toto+json', 'x')]),
      is: { kind: 'attestation', artifactType: 'application/vnd.in-toto+json' },
    },
    "Notation's signature": {
      of: manifest(blob('application/vnd.cncf.notary.signature', '{}'), [blob('application/jose+json')]),
      is: { kind: 'Notation signature', artifactType: 'application/vnd.cncf.notary.signature' },
    },
    "sigstore's bundle": {
      of: manifest(EMPTY, [blob('application/vnd.dev.sigstore.bundle.v0.3+json')], {
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      }),
      is: { kind: 'Sigstore bundle', artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
    },
    'an SBOM of SPDX as text': {
      of: manifest(IMAGE, [blob('text/spdx')]),
      is: { kind: 'SBOM', artifactType: 'text/spdx' },
    },
    'an SBOM of CycloneDX': {
      of: manifest(EMPTY, [blob('application/vnd.cyclonedx+json')], {
        artifactType: 'application/vnd.cyclonedx+json',
      }),
      is: { kind: 'SBOM', artifactType: 'application/vnd.cyclonedx+json' },
    },
    "ORAS's file": {
      of: manifest(EMPTY, [blob('application/octet-stream', 'x', TITLE)], {
        artifactType: 'application/vnd.unknown.artifact.v1',
      }),
      is: { kind: 'file', artifactType: 'application/vnd.unknown.artifact.v1' },
    },
    'files of a layer that looks like one of an image': {
      of: manifest(EMPTY, [blob(MEDIA_TYPES.ociLayer, 'x', TITLE), blob(MEDIA_TYPES.ociLayer, 'y', TITLE)]),
      is: { kind: 'files', artifactType: MEDIA_TYPES.ociLayer },
    },
    "an image's config that is {}": {
      of: manifest(blob(MEDIA_TYPES.ociConfig, '{}'), [blob(MEDIA_TYPES.ociLayer)]),
      is: { kind: 'artifact', artifactType: MEDIA_TYPES.ociLayer },
    },
    "docker's plugin": {
      of: manifest(blob('application/vnd.docker.plugin.v1+json'), [blob(MEDIA_TYPES.dockerLayerGzip)], {
        mediaType: MEDIA_TYPES.dockerManifest,
      }),
      is: { kind: 'docker plugin', artifactType: 'application/vnd.docker.plugin.v1+json' },
    },
    'what nobody here knows': {
      of: manifest(blob('application/vnd.example.thing.v1'), [blob('application/vnd.example.part.v1')]),
      is: { kind: 'artifact', artifactType: 'application/vnd.example.thing.v1' },
    },
  }
  for (const [what, { of, is }] of Object.entries(artifacts))
    it(`is not an image, and named: ${what}`, () => {
      expect(isImageManifest(of)).to.equal(false)
      expect(artifactOf(of)).to.deep.equal(is)
    })
})
