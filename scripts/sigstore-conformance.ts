// Judges the bundles of sigstore's conformance suite as this program's policies would. The suite is not part of the
// project: `node dist/scripts/sigstore-conformance.js ASSETS TRUSTED_ROOT`, where ASSETS is its folder
// test/assets/bundle-verify and TRUSTED_ROOT the public instance's trusted_root.json.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parsePublicKey } from '../provider/trust/images/signers/public-key.js'
import type { Signer } from '../provider/trust/images/signers/signer.js'
import { bundleSignature } from '../provider/trust/images/sigstore/bundle-signature.js'
import { trustedRootOf } from '../provider/trust/images/sigstore/trust-material.js'

/** The identity in the suite's own certificates, for cases that have none of their own. */
const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'
const ISSUER = 'https://token.actions.githubusercontent.com'

const [assets, publicRoot] = process.argv.slice(2)
if (!assets || !publicRoot) throw new Error('It takes the folder of the suite and a trusted_root.json.')
const cases = readdirSync(assets, { withFileTypes: true }).filter((entry) => entry.isDirectory())
let right = 0
for (const { name } of cases.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const outcome = await judged(path.join(assets, name), assets, publicRoot)
  const isRight = outcome.accepted !== name.endsWith('_fail')
  if (isRight) right++
  console.log(`${isRight ? 'right' : 'WRONG'}  ${name}: ${outcome.why}`)
}
console.log(`${right} of ${cases.length}`)
process.exitCode = right === cases.length ? 0 : 1

async function judged(
  folder: string,
  all: string,
  root: string,
): Promise<{ accepted: boolean; why: string }> {
  const fileIn = (name: string): string | undefined => {
    const file = path.join(folder, name)
    return existsSync(file) ? file : undefined
  }
  const textIn = (name: string): string | undefined => {
    const file = fileIn(name)
    return file && readFileSync(file, 'utf8').trim()
  }
  try {
    const artifact = readFileSync(fileIn('artifact') ?? path.join(all, 'a.txt'))
    const trust = trustedRootOf(readFileSync(fileIn('trusted_root.json') ?? root))
    const key = fileIn('key.pub')
    const identity = textIn('identity') ?? IDENTITY
    const signer: Signer = key
      ? { kind: 'key', keys: [parsePublicKey(readFileSync(key))], logs: trust }
      : {
          kind: 'identity',
          trust,
          certificateLogs: 1,
          identity,
          fits: (name) => name === identity,
          issuer: textIn('issuer') ?? ISSUER,
        }
    const signature = await bundleSignature(
      readFileSync(path.join(folder, 'bundle.sigstore.json')),
      async () => artifact,
    )
    const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}`
    if (!signature.about.some((one) => one === digest)) throw new Error(`it is not for ${digest}`)
    return { accepted: true, why: await signature.check(signer) }
  } catch (error) {
    return { accepted: false, why: (error as Error).message }
  }
}
