import { VERSION } from '../../../manifests/program.js'
import { contentId, shortId } from './document-id.js'
import { isLicenceExpression } from './licence-expression.js'
import { imageUrl, type ListedImage, type ListedPackage, listedPackages } from './listed-image.js'

const DOCUMENT = 'SPDXRef-DOCUMENT'
const ROOT = 'SPDXRef-Image'
const UNKNOWN = 'NOASSERTION'

/** The packages of an image as a document of SPDX 2.3 (ISO/IEC 5962): the same image at the same time gives the same bytes. */
export function spdx(image: ListedImage): string {
  const listed = listedPackages(image)
  const packages = [rootPackage(image), ...listed.map(packageOf)]
  const texts = new Set(
    listed.flatMap(({ one }) => one.licence ?? []).filter((text) => !isLicenceExpression(text)),
  )
  const content = {
    name: image.name,
    creationInfo: { created: wholeSeconds(image.created), creators: [`Tool: containerimage-${VERSION}`] },
    packages,
    ...(texts.size > 0
      ? {
          hasExtractedLicensingInfos: [...texts].sort().map((text) => ({
            licenseId: licenceReference(text),
            name: text,
            extractedText: text,
          })),
        }
      : {}),
    relationships: [
      { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: ROOT },
      ...packages.slice(1).map(({ SPDXID }) => ({
        spdxElementId: ROOT,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  }
  const head = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    documentNamespace: `urn:uuid:${contentId(JSON.stringify(content))}`,
  }
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`
}

/** Times have no fractions of a second there (SPDX 2.3, 6.9). */
function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

function rootPackage(image: ListedImage) {
  return {
    SPDXID: ROOT,
    name: image.name,
    versionInfo: image.digest,
    ...unknown(),
    licenseDeclared: UNKNOWN,
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [urlReference(imageUrl(image))],
  }
}

function packageOf({ one, key, url }: ListedPackage) {
  return {
    SPDXID: `SPDXRef-Package-${shortId(key)}`,
    name: one.name,
    versionInfo: one.version,
    ...unknown(),
    licenseDeclared: one.licence === undefined ? UNKNOWN : licenceIn(one.licence),
    sourceInfo: sourceInfo(one),
    ...(url === undefined ? {} : { externalRefs: [urlReference(url)] }),
  }
}

/** For what was not looked for. */
function unknown() {
  return {
    downloadLocation: UNKNOWN,
    filesAnalyzed: false,
    licenseConcluded: UNKNOWN,
    copyrightText: UNKNOWN,
  }
}

function sourceInfo({ kind, file, layer, source, partOf }: ListedPackage['one']): string {
  const parts = [
    `${kind} package that /${file} of layer ${layer + 1} names`,
    source && `built of ${source.name} ${source.version}`,
    partOf === undefined ? undefined : `brought by ${partOf}`,
  ]
  return parts.filter((part) => part !== undefined).join('; ')
}

function licenceIn(text: string): string {
  return isLicenceExpression(text) ? text : licenceReference(text)
}

/** Words that are no SPDX names are given a name in the document (SPDX 2.3, 10.1). */
function licenceReference(text: string): string {
  return `LicenseRef-${shortId(text)}`
}

function urlReference(url: string) {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }
}
