import { printable } from '../../manifests/index.js'
import type {
  Attestation,
  CarriedArtifact,
  InspectedImage,
  InspectedWim,
  JudgedSignature,
  OfferedPlatform,
} from '../../provider/index.js'
import { age } from './ages.js'
import { size } from './sizes.js'
import { table } from './table.js'

/** What registries have, a paragraph and tables each; undefined if something else is among them. */
export function remoteImageLines(
  inspected: readonly (InspectedImage | InspectedWim)[],
  now: Date,
  width?: number,
): string[] | undefined {
  const images = inspected.filter((one): one is InspectedImage => 'reference' in one)
  if (images.length === 0 || images.length < inspected.length) return undefined
  return images.flatMap((image, i) => [...(i > 0 ? [''] : []), ...imageLines(image, now, width)])
}

function imageLines(image: InspectedImage, now: Date, width: number | undefined): string[] {
  const { reference = '', platforms, artifacts, attestations, signatures, refusal } = image
  return [
    printable(reference),
    ...factsOf(image, now).map(([name, value]) => `  ${name.padEnd(12)}${printable(value)}`),
    ...(platforms ? ['', ...platformLines(platforms, width)] : []),
    ...(artifacts ? ['', ...artifactLines(artifacts, width)] : []),
    ...(attestations ? ['', ...attestations.flatMap(attestationLines)] : []),
    ...(signatures ? ['', ...signatureLines(signatures, width)] : []),
    ...(refusal ? ['', `Refused: ${printable(refusal.message)}`] : []),
  ]
}

function attestationLines({ digest, predicates }: Attestation): string[] {
  const about = predicates.length > 0 ? predicates : ['something of no known kind']
  return about.map((predicate) => `  attested    ${printable(predicate)} in ${digest}`)
}

function factsOf(image: InspectedImage, now: Date): [name: string, value: string][] {
  const { digest, kind, platform, created, platforms } = image
  const layers = layersOf(image.manifest)
  const facts: [string, string][] = [['digest', digest]]
  if (platforms) facts.push(['', `of the index; the sizes are those of ${platform}`])
  facts.push(['kind', kind ?? (platform === '' ? 'image' : `image for ${platform}`)])
  if (created !== '') facts.push(['created', `${created} (${age(created, now)})`])
  facts.push(['size', `${size(image.size)} to fetch, ${layers} ${layers === 1 ? 'layer' : 'layers'}`])
  facts.push(['config', image.id])
  return [...facts, ...runFacts(image.config)]
}

function layersOf(manifest: unknown): number {
  const layers = manifest !== null && typeof manifest === 'object' && 'layers' in manifest && manifest.layers
  return Array.isArray(layers) ? layers.length : 0
}

/** How a container of it starts, as far as the config says. */
function runFacts(config: unknown): [name: string, value: string][] {
  const run = asObject(asObject(config).config)
  const facts: [string, string][] = []
  for (const [name, key] of RUN_KEYS) {
    const value = run[key]
    const text = Array.isArray(value) ? value.map(String).join(' ') : typeof value === 'string' ? value : ''
    if (text !== '') facts.push([name, text])
  }
  for (const [label, value] of Object.entries(asObject(run.Labels)))
    facts.push(['label', `${label}=${value}`])
  return facts
}

const RUN_KEYS = [
  ['entrypoint', 'Entrypoint'],
  ['command', 'Cmd'],
  ['user', 'User'],
  ['folder', 'WorkingDir'],
] as const

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
}

function platformLines(platforms: OfferedPlatform[], width: number | undefined): string[] {
  const columns = [
    { title: 'PLATFORM' },
    { title: 'DIGEST', shrinks: 1 },
    { title: 'SIZE', align: 'right' as const },
  ]
  const rows = platforms.map(({ platform, digest, size: bytes }) => [
    platform,
    digest,
    bytes === undefined ? '' : size(bytes),
  ])
  return table(columns, rows, { width, gap: 3 })
}

function artifactLines(artifacts: CarriedArtifact[], width: number | undefined): string[] {
  const columns = [{ title: 'GOES WITH IT' }, { title: 'DIGEST', shrinks: 1 }, { title: 'TYPE', shrinks: 2 }]
  const rows = artifacts.map(({ kind, digest, artifactType }) => [kind, digest, artifactType])
  return table(columns, rows, { width, gap: 3 })
}

/** Who signed, and the verdict. */
function signatureLines(signatures: JudgedSignature[], width: number | undefined): string[] {
  const columns = [
    { title: 'SIGNED BY', shrinks: 1 },
    { title: 'SAYS', shrinks: 2 },
    { title: 'VERDICT' },
    { title: 'WHY', shrinks: 2 },
  ]
  const rows = signatures.map(({ signer = 'not told', kind, predicateType, verdict, reason = '' }) => [
    signer,
    predicateType ?? (kind ? `${kind} signature` : ''),
    verdict,
    reason,
  ])
  return table(columns, rows, { width, gap: 3 })
}
