import type { InspectedImage, InspectedWim } from '../../provider/index.js'
import { usage } from '../command/usage.js'
import { type Field, formattedLines } from './templates.js'

/** In a template's words: docker's names for what an image says. @throws USAGE, also for WIMs, which say other things */
export function inspectedInFormat(
  inspected: readonly (InspectedImage | InspectedWim)[],
  format: string,
): string[] {
  if (format === 'json') return inspected.map((one) => JSON.stringify(one))
  const images = inspected.filter((one): one is InspectedImage => !('format' in one))
  if (images.length < inspected.length)
    throw usage('--format cannot show a WIM by a template.', ['inspect'], 'Use --json, or --format json.')
  return formattedLines(format, images, FIELDS, ['inspect'])
}

const FIELDS: Field<InspectedImage>[] = [
  { name: 'Id', title: 'IMAGE ID', value: ({ id }) => id },
  { name: 'Name', title: 'NAME', value: ({ name }) => name },
  { name: 'RepoTags', title: 'TAGS', value: ({ tags }) => tags },
  { name: 'Digest', title: 'DIGEST', value: ({ digest }) => digest },
  { name: 'MediaType', title: 'MEDIA TYPE', value: ({ mediaType }) => mediaType },
  { name: 'Created', title: 'CREATED', value: ({ created }) => created },
  { name: 'Platform', title: 'PLATFORM', value: ({ platform }) => platform },
  { name: 'Os', title: 'OS', value: said('os') },
  { name: 'Architecture', title: 'ARCHITECTURE', value: said('architecture') },
  { name: 'Variant', title: 'VARIANT', value: said('variant') },
  { name: 'OsVersion', title: 'OS VERSION', value: said('os.version') },
  { name: 'Author', title: 'AUTHOR', value: said('author') },
  { name: 'Size', title: 'SIZE', value: ({ size }) => size },
  { name: 'Kind', title: 'KIND', value: ({ kind = 'image' }) => kind },
  { name: 'Reference', title: 'REFERENCE', value: ({ reference = '' }) => reference },
  { name: 'Platforms', title: 'PLATFORMS', value: ({ platforms = [] }) => platforms },
  { name: 'Artifacts', title: 'ARTIFACTS', value: ({ artifacts = [] }) => artifacts },
  { name: 'Attestations', title: 'ATTESTATIONS', value: ({ attestations = [] }) => attestations },
  { name: 'Signatures', title: 'SIGNATURES', value: ({ signatures = [] }) => signatures },
  { name: 'Signers', title: 'SIGNERS', value: ({ signers = [] }) => signers },
  { name: 'Config', title: 'CONFIG', value: ({ config }) => memberOf(config, 'config') ?? {} },
  { name: 'RootFS', title: 'ROOTFS', value: ({ config }) => rootFs(memberOf(config, 'rootfs')) },
  { name: 'History', title: 'HISTORY', value: ({ config }) => memberOf(config, 'history') ?? [] },
  { name: 'Manifest', title: 'MANIFEST', value: ({ manifest }) => manifest },
]

function said(name: string): (image: InspectedImage) => unknown {
  return ({ config }) => memberOf(config, name) ?? ''
}

/** Docker calls the digests of the tars layers. */
function rootFs(rootfs: unknown): unknown {
  return { Type: memberOf(rootfs, 'type') ?? 'layers', Layers: memberOf(rootfs, 'diff_ids') ?? [] }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
