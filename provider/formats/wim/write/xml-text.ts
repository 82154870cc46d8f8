import {
  type ImageOrigin,
  ORIGIN_ELEMENT,
  type WindowsInfo,
  windowsArchitecture,
} from '../read/image-info.js'
import type { TreeCounts } from './entry-writer.js'
import type { WimSourceImage } from './source.js'

/** The XML data: UTF-16 with a byte order mark, as WIMs have it. */
export function xmlBytes(
  images: readonly WimSourceImage[],
  counts: readonly TreeCounts[],
  totalBytes: number,
): Buffer {
  const inside = images.map((image, i) => imageElement(image, i + 1, counts[i] as TreeCounts))
  const text = outer('WIM', element('TOTALBYTES', totalBytes) + inside.join(''))
  return Buffer.from(`\ufeff${text}`, 'utf16le')
}

function imageElement({ name, description, info = {} }: WimSourceImage, index: number, counts: TreeCounts) {
  const inside = [
    element('DIRCOUNT', counts.directories),
    element('FILECOUNT', counts.files),
    element('TOTALBYTES', counts.totalBytes),
    element('HARDLINKBYTES', counts.hardLinkBytes),
    timeElement('CREATIONTIME', info.createdAt),
    timeElement('LASTMODIFICATIONTIME', info.modifiedAt),
    info.windows ? windowsElement(info.windows) : '',
    element('NAME', name),
    element('DESCRIPTION', description),
    element('FLAGS', info.flags),
    element('DISPLAYNAME', info.displayName),
    element('DISPLAYDESCRIPTION', info.displayDescription),
    info.origin ? originElement(info.origin) : '',
  ]
  return `<IMAGE INDEX="${index}">${inside.join('')}</IMAGE>`
}

function windowsElement(windows: WindowsInfo): string {
  const [major, minor, build, revision] = windows.version?.split('.') ?? []
  const version = [
    element('MAJOR', major),
    element('MINOR', minor),
    element('BUILD', build),
    element('SPBUILD', revision),
    element('SPLEVEL', windows.servicePackLevel),
  ]
  const languages = [
    ...windows.languages.map((language) => element('LANGUAGE', language)),
    element('DEFAULT', windows.defaultLanguage),
  ]
  const inside = [
    element('ARCH', windows.architecture && windowsArchitecture(windows.architecture)),
    element('PRODUCTNAME', windows.productName),
    element('EDITIONID', windows.editionId),
    element('INSTALLATIONTYPE', windows.installationType),
    element('PRODUCTTYPE', windows.productType),
    outer('LANGUAGES', languages.join('')),
    outer('VERSION', version.join('')),
    element('SYSTEMROOT', windows.systemRoot),
  ]
  return outer('WINDOWS', inside.join(''))
}

function originElement(origin: ImageOrigin): string {
  const inside = [
    element('VERSION', origin.version),
    element('PUBLISHER', origin.publisher),
    element('ARCHITECTURE', origin.architecture),
    element('VARIANT', origin.variant),
    element('OSVERSION', origin.osVersion),
    ...origin.osFeatures.map((feature) => element('OSFEATURE', feature)),
    element('CONFIG', origin.config),
  ]
  return outer(ORIGIN_ELEMENT, inside.join(''))
}

function timeElement(name: string, time: bigint | undefined): string {
  if (time === undefined) return ''
  const word = (value: bigint) => `0x${value.toString(16).toUpperCase().padStart(8, '0')}`
  return outer(name, element('HIGHPART', word(time >> 32n)) + element('LOWPART', word(time & 0xffffffffn)))
}

/** An element with text in it; none where there is no text. */
function element(name: string, value: string | number | undefined): string {
  if (value === undefined || value === '') return ''
  return outer(name, escaped(String(value)))
}

function outer(name: string, inside: string): string {
  return inside === '' ? '' : `<${name}>${inside}</${name}>`
}

const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Characters that XML 1.0 cannot hold are left out. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\ufffe\uffff]/gu, (one) => ('\t\n\r'.includes(one) ? one : ''))
    .replace(/[&<>"]/g, (one) => NAMED[one] ?? one)
}
