import { VERSION } from '../../../manifests/program.js'
import type { Distribution, SoftwarePackage } from '../packages/software-package.js'
import { contentId, shortId } from './document-id.js'
import { isLicenceExpression } from './licence-expression.js'
import { imageUrl, type ListedImage, type ListedPackage, listedPackages } from './listed-image.js'

const ROOT = 'image'

/**
 * The packages of an image as a document of CycloneDX 1.6 (ECMA-424): the same image at the same time gives the same
 * bytes.
 */
export function cycloneDx(image: ListedImage): string {
  const listed = listedPackages(image)
  const system = image.distribution ? [systemComponent(image.distribution)] : []
  const components = [...system, ...listed.map(component)]
  const content = {
    version: 1,
    metadata: {
      timestamp: image.created.toISOString(),
      tools: { components: [{ type: 'application', name: 'containerimage', version: VERSION }] },
      component: {
        type: 'container',
        'bom-ref': ROOT,
        name: image.name,
        version: image.digest,
        purl: imageUrl(image),
      },
    },
    components,
    dependencies: [{ ref: ROOT, dependsOn: components.map((one) => one['bom-ref']) }],
  }
  const serial = contentId(JSON.stringify(content))
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
  }
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`
}

function systemComponent({ id, version, prettyName }: Distribution) {
  return {
    type: 'operating-system',
    'bom-ref': 'system',
    name: id,
    ...(version === undefined ? {} : { version }),
    ...(prettyName === undefined ? {} : { description: prettyName }),
  }
}

function component({ one, key, url }: ListedPackage) {
  return {
    type: 'library',
    'bom-ref': `package-${shortId(key)}`,
    name: one.name,
    version: one.version,
    ...(one.licence === undefined ? {} : { licenses: [licence(one.licence)] }),
    ...(url === undefined ? {} : { purl: url }),
    properties: properties(one),
  }
}

function licence(text: string) {
  return isLicenceExpression(text) ? { expression: text } : { license: { name: text } }
}

function properties({ kind, file, layer, source, architecture, partOf }: SoftwarePackage) {
  const values: [string, string | undefined][] = [
    ['kind', kind],
    ['file', `/${file}`],
    ['layer', String(layer + 1)],
    ['source', source && `${source.name} ${source.version}`],
    ['architecture', architecture],
    ['partOf', partOf],
  ]
  return values.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `containerimage:${name}`, value }],
  )
}
