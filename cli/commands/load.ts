import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import type { Run } from '../command/run.js'
import { usage } from '../command/usage.js'
import { ENGINE, LOADING, loadingOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { IDENTITY } from '../options/identity.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { loadedLines, wouldLoadLines } from '../output/loaded-images.js'

export const load: Command = {
  name: 'load',
  summary: 'Load images into docker, podman or containerd',
  more: 'Only what the engine lacks is sent',
  positionals: [
    {
      name: 'name',
      many: true,
      stdin: true,
      commas: true,
      describe: 'Installed images, or paths of archives and folders',
      more: 'An installed image is given by its name, a pattern, name:tag, id or digest. Without any the archive comes from stdin, as with docker',
      options: ['input'],
      parameters: ['Name', 'Input', 'i'],
      offer: 'installed',
    },
  ],
  options: {
    ...IDENTITY,
    ...GATE,
    ...ENGINE,
    ...LOADING,
    ...POLICY,
    'no-latest': { type: 'switch', describe: "Do not move the engine's tag latest" },
    ...SIGNATURES,
  },
  examples: [
    { line: 'load debian:12.5', does: 'Into the first engine that answers' },
    { line: 'load ./usb/debian-12-5.tar --engine docker', does: 'From a file, without installing it' },
    { line: 'load debian --engine containerd --namespace k8s.io --pin', does: 'For a Kubernetes node' },
  ],
  async run(args, run) {
    const names = namesOf(args, run)
    if (!(await run.agreed('Load Package', names.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.load({
      ...commonOf(args, run),
      ...gateOf(args),
      ...signaturesOf(args),
      ...loadingOf(args),
      ...policyOf(args),
      names,
      noLatest: args.flag('no-latest'),
    })
    if (args.flag('what-if')) run.print(result, () => wouldLoadLines(result))
    else run.report(result, () => loadedLines(result))
    return undefined
  },
}

/** An archive that is piped in need not be named; a terminal pipes none in. @throws USAGE */
function namesOf(args: Arguments, run: Run): string[] {
  const names = args.list('name')
  if (names) return names
  if (run.stdin) return ['-']
  throw usage(
    'load needs at least one name, or an archive on stdin.',
    ['load'],
    'For example: `containerimage load debian:12.5`. See also `--help`.',
  )
}
