import type { WimImageInfo } from '../read/image-info.js'
import type { Wim } from '../read/wim.js'
import type { InspectedWim, InspectedWimImage } from './inspected-wim.js'
import { isoTime } from './times.js'

/** What a WIM says about itself and its images; nothing is expanded for this. */
export function inspectedWim(wim: Wim): InspectedWim {
  const { compression, chunkSize, guid, bootIndex, parts } = wim
  const solid = [...wim.blobs.values()].find(({ resource }) => resource.form === 'solid')?.resource
  return {
    name: wim.name,
    format: 'WIM',
    guid,
    compression: solid?.compression ?? compression,
    chunkSize: solid?.chunkSize ?? chunkSize,
    solid: solid !== undefined,
    pipable: parts.some(({ header }) => header.pipable),
    integrityTable: parts.every(({ header }) => header.integrity.size > 0),
    bootIndex: bootIndex > 0 ? bootIndex : undefined,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    parts: parts.map(({ name, size, header }) => ({ number: header.part, name, size })),
    images: wim.images.map(inspectedImage),
  }
}

function inspectedImage(image: WimImageInfo): InspectedWimImage {
  const { windows, origin } = image
  return {
    index: image.index,
    name: image.name,
    description: image.description,
    displayName: image.displayName,
    edition: windows?.editionId ?? image.flags,
    installationType: windows?.installationType,
    productName: windows?.productName,
    architecture: windows?.architecture ?? origin?.architecture,
    version: windows?.version ?? origin?.version,
    build: windows?.version?.split('.')[2],
    languages: windows?.languages,
    defaultLanguage: windows?.defaultLanguage,
    size: image.totalBytes,
    files: image.files,
    folders: image.directories,
    created: image.createdAt === undefined ? undefined : isoTime(image.createdAt),
    modified: image.modifiedAt === undefined ? undefined : isoTime(image.modifiedAt),
  }
}
