// Writes what this tool is made from as CycloneDX 1.6, dist/containerimage.cdx.json: the packages in the one file, and
// those that are installed beside it. The same commit gives the same bytes.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { VERSION } from '../manifests/program.js'
import { contentId } from '../provider/inside/sbom/document-id.js'
import { isLicenceExpression } from '../provider/inside/sbom/licence-expression.js'
import { packageUrl } from '../provider/inside/sbom/package-url.js'
import { type OwnPackage, ownPackages } from './own-packages.js'

const FILE = 'dist/containerimage.cdx.json'
const ROOT = 'containerimage'

/** The document. */
export function sbomOfTool(): string {
  const components = ownPackages()
    .filter(({ isBundled, isForDevelopment }) => isBundled || !isForDevelopment)
    .map(component)
  const content = {
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': ROOT,
        name: ROOT,
        version: VERSION,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        purl: `pkg:npm/${ROOT}@${VERSION}`,
      },
    },
    components,
    dependencies: [{ ref: ROOT, dependsOn: components.map((one) => one['bom-ref']) }],
  }
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${contentId(JSON.stringify(content))}`,
  }
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`
}

function component({ name, version, licence = '', sha512, isBundled }: OwnPackage) {
  const url = packageUrl({ kind: 'npm', name, version, file: '', layer: 0 }, undefined)
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    name,
    version,
    ...(isBundled ? {} : { scope: 'optional' }),
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
    ...(licence === ''
      ? {}
      : {
          licenses: [isLicenceExpression(licence) ? { expression: licence } : { license: { name: licence } }],
        }),
    ...(url === undefined ? {} : { purl: url }),
  }
}

if (import.meta.url === pathToFileURL(path.resolve(process.argv[1] ?? '')).href) {
  writeFileSync(FILE, sbomOfTool())
  console.log(FILE)
}
