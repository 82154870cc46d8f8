import { present } from '../../../../manifests/index.js'
import { damaged, type Place } from './damage.js'
import { child, childText, type XmlElement } from './xml.js'

/** What the XML data says about one image. All of it is only what the maker wrote: nothing is checked. */
export interface WimImageInfo {
  /** 1-based. */
  readonly index: number
  readonly name?: string
  readonly description?: string
  readonly displayName?: string
  readonly displayDescription?: string
  /** The edition, in the element FLAGS. */
  readonly flags?: string
  readonly directories?: number
  readonly files?: number
  /** Bytes of all files. */
  readonly totalBytes?: number
  /** Bytes that further names of the same files would take. */
  readonly hardLinkBytes?: number
  /** 100 ns since 1601 (FILETIME). */
  readonly createdAt?: bigint
  readonly modifiedAt?: bigint
  readonly windows?: WindowsInfo
  readonly origin?: ImageOrigin
}

/**
 * What an image was called and ran on before it became a WIM, for installing it again as the same image. Other
 * programs keep the element, but do not know it.
 */
export interface ImageOrigin {
  /** As it was installed: 10.0.14300.1010, bookworm-20240211. */
  readonly version?: string
  readonly publisher?: string
  readonly architecture?: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures: readonly string[]
  /** JSON: what the image runs (OCI image-spec, config.md, `config`). */
  readonly config?: string
}

export interface WindowsInfo {
  /** As OCI names it: amd64, arm64, 386, arm; the number where it is another one. */
  readonly architecture?: string
  readonly productName?: string
  readonly editionId?: string
  readonly installationType?: string
  readonly productType?: string
  readonly systemRoot?: string
  readonly languages: readonly string[]
  readonly defaultLanguage?: string
  /** Four parts: 10.0.14300.1010. */
  readonly version?: string
  readonly servicePackLevel?: number
}

/** PROCESSOR_ARCHITECTURE_* of the Windows SDK. */
const ARCHITECTURES: Record<string, string> = {
  '0': '386',
  '5': 'arm',
  '6': 'ia64',
  '9': 'amd64',
  '12': 'arm64',
}

/** The number by which the XML data names an architecture of OCI; the text itself where it is another one. */
export function windowsArchitecture(name: string): string {
  return Object.entries(ARCHITECTURES).find(([, known]) => known === name)?.[0] ?? name
}

/** The images of the XML data by their index. ARCHIVE_INVALID where it is not about a WIM. */
export function readImageInfos(root: XmlElement, place: Place): Map<number, WimImageInfo> {
  if (root.name !== 'WIM') throw damaged(place, `its first element is ${root.name}`, { expected: 'WIM' })
  if (child(child(root, 'ESD'), 'ENCRYPTED'))
    throw damaged(place, 'this ESD is encrypted', {
      remedy: 'Decrypt it first, or take the WIM or ISO of the same version.',
    })
  const infos = new Map<number, WimImageInfo>()
  for (const element of root.children) {
    if (element.name !== 'IMAGE') continue
    const text = element.attributes.get('INDEX') ?? ''
    const index = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
    if (index < 1 || infos.has(index))
      throw damaged(place, `an image has the index ${JSON.stringify(text)}`, { expected: 'one of its own' })
    infos.set(index, readInfo(index, element))
  }
  return infos
}

function readInfo(index: number, image: XmlElement): WimImageInfo {
  const windows = child(image, 'WINDOWS')
  return present({
    index,
    name: childText(image, 'NAME'),
    description: childText(image, 'DESCRIPTION'),
    displayName: childText(image, 'DISPLAYNAME'),
    displayDescription: childText(image, 'DISPLAYDESCRIPTION'),
    flags: childText(image, 'FLAGS'),
    directories: numberIn(image, 'DIRCOUNT'),
    files: numberIn(image, 'FILECOUNT'),
    totalBytes: numberIn(image, 'TOTALBYTES'),
    hardLinkBytes: numberIn(image, 'HARDLINKBYTES'),
    createdAt: timeIn(image, 'CREATIONTIME'),
    modifiedAt: timeIn(image, 'LASTMODIFICATIONTIME'),
    windows: windows && readWindows(windows),
    origin: readOrigin(child(image, ORIGIN_ELEMENT)),
  })
}

export const ORIGIN_ELEMENT = 'CONTAINERIMAGE'

function readOrigin(origin: XmlElement | undefined): ImageOrigin | undefined {
  if (!origin) return undefined
  return present({
    version: childText(origin, 'VERSION'),
    publisher: childText(origin, 'PUBLISHER'),
    architecture: childText(origin, 'ARCHITECTURE'),
    variant: childText(origin, 'VARIANT'),
    osVersion: childText(origin, 'OSVERSION'),
    osFeatures: origin.children.filter((one) => one.name === 'OSFEATURE').map((one) => one.text.trim()),
    config: childText(origin, 'CONFIG'),
  })
}

function readWindows(windows: XmlElement): WindowsInfo {
  const languages = child(windows, 'LANGUAGES')
  const arch = childText(windows, 'ARCH')
  const version = child(windows, 'VERSION')
  return present({
    architecture: arch === undefined ? undefined : (ARCHITECTURES[arch] ?? arch),
    productName: childText(windows, 'PRODUCTNAME'),
    editionId: childText(windows, 'EDITIONID'),
    installationType: childText(windows, 'INSTALLATIONTYPE'),
    productType: childText(windows, 'PRODUCTTYPE'),
    systemRoot: childText(windows, 'SYSTEMROOT'),
    languages: (languages?.children ?? [])
      .filter((one) => one.name === 'LANGUAGE' && one.text.trim() !== '')
      .map((one) => one.text.trim()),
    defaultLanguage: childText(languages, 'DEFAULT'),
    version: version && readVersion(version),
    servicePackLevel: numberIn(version, 'SPLEVEL'),
  })
}

function readVersion(version: XmlElement): string | undefined {
  const parts = ['MAJOR', 'MINOR', 'BUILD', 'SPBUILD'].map((name) => numberIn(version, name))
  return parts[0] === undefined || parts[2] === undefined
    ? undefined
    : parts.map((part) => part ?? 0).join('.')
}

function numberIn(element: XmlElement | undefined, name: string): number | undefined {
  const text = childText(element, name)
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

function timeIn(element: XmlElement, name: string): bigint | undefined {
  const time = child(element, name)
  const high = childText(time, 'HIGHPART')
  const low = childText(time, 'LOWPART')
  const isWord = (text: string | undefined): text is string =>
    text !== undefined && /^0x[0-9a-fA-F]{1,8}$/.test(text)
  return isWord(high) && isWord(low) ? (BigInt(high) << 32n) | BigInt(low) : undefined
}
