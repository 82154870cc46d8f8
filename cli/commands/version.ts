import type { Command } from '../command/command.js'

export const version: Command = {
  name: 'version',
  summary: 'Show the version of this program, and what it runs on',
  examples: [
    { line: 'version', does: 'For a bug report' },
    { line: 'version --json', does: 'For a program' },
  ],
  async run(_args, run) {
    const { VERSION } = await import('../../manifests/program.js')
    const { platform, arch, versions } = process
    const document = { version: VERSION, node: versions.node, os: platform, architecture: arch }
    run.print(document, () =>
      run.quiet ? [VERSION] : [`containerimage ${VERSION}`, `Node ${versions.node}, ${platform} ${arch}`],
    )
    return undefined
  },
}
