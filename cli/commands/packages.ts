import { ContainerImageError, option } from '../../manifests/index.js'
import type { PackageKind, PackagesRequest, SbomFormat } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import type { Run } from '../command/run.js'
import { commonOf } from '../options/everywhere.js'
import { LOOK, lookOf, ONE_IMAGE } from '../options/look.js'
import { insidePackageLines, writtenSbomLines } from '../output/inside-packages.js'

const KINDS: readonly PackageKind[] = [
  'deb',
  'apk',
  'rpm',
  'opkg',
  'alpm',
  'windows',
  'npm',
  'pypi',
  'golang',
  'maven',
  'nuget',
  'gem',
  'composer',
  'cargo',
]

export const packages: Command = {
  name: 'packages',
  summary: 'List the packages of an image, or write them as an SBOM',
  more: 'Those of its distribution, and libraries of programs according to their own manifests. It works on anything that holds an image, without a network',
  positionals: [ONE_IMAGE],
  options: {
    kind: {
      type: 'list',
      placeholder: 'KIND',
      describe: 'Only these kinds: deb, rpm, apk, npm, pypi, golang, ...',
      more: `All kinds: ${KINDS.join(', ')}`,
      values: KINDS,
    },
    sbom: {
      type: 'value',
      placeholder: 'FORMAT',
      describe: 'Write a CycloneDX 1.6 or SPDX 2.3 document (JSON)',
      more: 'The same image gives the same bytes: the time is SOURCE_DATE_EPOCH, or else that of the image',
      values: ['cyclonedx', 'spdx'],
    },
    output: {
      type: 'value',
      placeholder: 'FILE',
      describe: 'Where to write the SBOM; default: -, which is stdout',
      offer: 'files',
    },
    force: { type: 'switch', describe: 'Overwrite FILE' },
    ...LOOK,
  },
  examples: [
    { line: 'packages debian:12.5', does: 'What is installed in it, and which layer it came from' },
    {
      line: 'packages ./usb/app.tar --kind npm,pypi',
      does: 'Node and Python libraries in an archive',
    },
    { line: 'packages debian --sbom cyclonedx --output debian.cdx.json', does: 'For other programs' },
  ],
  async run(args, run) {
    const request: PackagesRequest = {
      ...commonOf(args, run),
      ...lookOf(args),
      kinds: args.list('kind') as PackageKind[] | undefined,
    }
    const format = args.text('sbom') as SbomFormat | undefined
    if (format !== undefined) return await write(args, run, request, format)
    if (args.text('output') !== undefined) throw outputOfWhat()
    const library = await import('../../provider/index.js')
    const result = await library.packages(request)
    run.print(result, () => insidePackageLines(result, run.columns))
    return undefined
  },
}

async function write(
  args: Arguments,
  run: Run,
  request: PackagesRequest,
  format: SbomFormat,
): Promise<undefined> {
  const output = args.text('output') ?? '-'
  if (output !== '-' && !(await run.agreed('Write File', output))) return undefined
  const stdout = output === '-' ? run.takeStdout() : undefined
  const library = await import('../../provider/index.js')
  const written = await library.writeSbom({ ...request, format, output, force: args.flag('force'), stdout })
  if (output !== '-' || args.flag('what-if'))
    run.report(written, () => writtenSbomLines(written, args.flag('what-if')))
  return undefined
}

function outputOfWhat(): ContainerImageError {
  return new ContainerImageError('USAGE', `${option('output')} says where an SBOM is written.`, {
    expected: `a format for it`,
    found: 'none',
    remedy: `Give ${option('sbom')} as well: cyclonedx or spdx.`,
  })
}
