import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { loggedOutLines, wouldLogOutLines } from '../output/logins.js'

export const logout: Command = {
  name: 'logout',
  summary: 'Forget the credentials for a registry',
  more: "Those in docker's file or credential helper",
  positionals: [{ name: 'registry', describe: 'host[:port]; default: Docker Hub' }],
  examples: [
    { line: 'logout registry.example.org', does: 'Its credentials go, everything else stays' },
    { line: 'logout', does: 'Docker Hub' },
  ],
  async run(args, run) {
    const registry = args.text('registry')
    if (!(await run.agreed('Forget Credentials', registry ?? 'docker.io'))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.logout({ ...commonOf(args, run), registry })
    if (args.flag('what-if')) run.print(result, () => wouldLogOutLines(result))
    else run.report(result, () => loggedOutLines(result))
    return undefined
  },
}
