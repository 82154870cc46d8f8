import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Descriptor } from '../../manifests/index.js'
import { folderMembers } from '../../provider/archives/members/folder.js'
import { layoutSource } from '../../provider/formats/layout/source.js'
import { judgeImage } from '../../provider/trust/images/judge.js'
import { readPolicy } from '../../provider/trust/images/policy/read-policy.js'
import { makeLayout } from '../../test/fixtures/layout.js'
import { attachByTag, attachReferrer } from '../../test/fixtures/signing/attach.js'
import { cosignLayer, statement } from '../../test/fixtures/signing/cosign.js'
import { makeKey } from '../../test/fixtures/signing/keys.js'
import { makeNotation, NOTATION, notationLayer } from '../../test/fixtures/signing/notation.js'
import {
  IDENTITY,
  ISSUER,
  identityBundle,
  identityCertificate,
  makeSigstore,
  trustedRoot,
} from '../../test/fixtures/signing/sigstore.js'
import { optionIn, remove } from './measure.js'

/** What it costs to judge many images by their signatures, for each kind. `--images N`, default 1000. */
const images = Number(optionIn(process.argv.slice(3), 'images') ?? 1000)
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

interface Kind {
  title: string
  signer: object
  attach(layout: string, image: Descriptor): Descriptor
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-bench-'))
  try {
    for (const kind of kindsIn(folder)) await judged(folder, kind)
  } finally {
    remove(folder)
  }
}

function kindsIn(folder: string): Kind[] {
  const key = makeKey()
  const sigstore = makeSigstore()
  const { root, signer } = makeNotation()
  writeFileSync(path.join(folder, 'key.pub'), key.pem)
  writeFileSync(path.join(folder, 'root.pem'), root.certificate)
  writeFileSync(path.join(folder, 'trusted_root.json'), JSON.stringify(trustedRoot(sigstore)))
  const certificate = identityCertificate(sigstore)
  return [
    {
      title: 'cosign, with a key',
      signer: { key: 'key.pub' },
      attach: (layout, image) => attachByTag(layout, image, [cosignLayer(image, key)]),
    },
    {
      title: 'sigstore bundle, with an identity',
      signer: { identity: IDENTITY, issuer: ISSUER, trustedRoot: 'trusted_root.json' },
      attach: (layout, image) => {
        const about = statement(image.digest, 'https://sigstore.dev/cosign/sign/v1')
        const bytes = Buffer.from(JSON.stringify(identityBundle(sigstore, about, certificate)))
        return attachReferrer(layout, image, { mediaType: BUNDLE, bytes })
      },
    },
    {
      title: 'notation, with a certificate',
      signer: { certificate: 'root.pem' },
      attach: (layout, image) =>
        attachReferrer(layout, image, notationLayer(image, signer, [root]), NOTATION),
    },
  ]
}

async function judged(folder: string, { title, signer, attach }: Kind): Promise<void> {
  const layout = mkdtempSync(path.join(folder, 'layout-'))
  const made = Array.from({ length: images }, (_, at) => {
    const [image] = makeLayout(mkdtempSync(path.join(layout, 'one-')), [
      { layers: [{ files: { at: `${at}` } }] },
    ])
    if (!image) throw new Error('no image was made')
    return image
  })
  makeLayout(layout, [])
  const artifacts = made.map((image) => attach(layout, image))
  const file = path.join(folder, 'policy.json')
  writeFileSync(file, JSON.stringify({ default: 'reject', images: [{ name: 'demo', signedBy: signer }] }))
  const source = await layoutSource(folderMembers(layout), 'layout')
  const before = process.cpuUsage()
  const policy = await readPolicy(file)
  for (const [at, root] of made.entries()) {
    const references = ['docker.io/library/demo:1']
    const one = { source, root, label: `image ${at}`, references, artifacts: artifacts.slice(at, at + 1) }
    const { refusal } = await judgeImage(policy, one)
    if (refusal) throw refusal
  }
  const { user, system } = process.cpuUsage(before)
  const seconds = ((user + system) / 1e6).toFixed(2)
  console.log(`${title}: ${images} images judged in ${seconds} s of processor time`)
  await source.close()
}
