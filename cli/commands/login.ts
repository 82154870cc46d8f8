import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { NETWORK, networkOf } from '../options/network.js'
import { loggedInLines, wouldLogInLines } from '../output/logins.js'

const { username, 'password-stdin': passwordStdin, ...OTHERS } = NETWORK

export const login: Command = {
  name: 'login',
  summary: 'Check credentials, and keep them where docker does',
  positionals: [{ name: 'registry', describe: 'host[:port]; default: Docker Hub' }],
  options: {
    username: {
      type: 'value',
      placeholder: 'USER',
      describe: 'User at the registry; asked for on a terminal',
      aliases: username?.aliases ?? ['u'],
    },
    'password-stdin': {
      type: 'switch',
      describe: 'Read the password, or its token, from stdin',
      more: 'Without it you are asked on the terminal, which does not show what you type',
      parameters: passwordStdin?.parameters ?? [],
    },
    ...OTHERS,
  },
  examples: [
    { line: 'login registry.example.org', does: 'Asks for the user and the password' },
    {
      line: 'login registry.example.org --username me --password-stdin',
      does: 'The password from a file: --password-stdin < password.txt',
    },
    {
      line: 'login --username me --password-stdin --what-if',
      does: 'Docker Hub; the password is checked and not stored',
    },
  ],
  async run(args, run) {
    const { password } = args
    if (password === undefined) throw usage('login needs --password-stdin.', ['login'])
    const registry = args.text('registry')
    if (!(await run.agreed('Keep Credentials', registry ?? 'docker.io'))) return undefined
    const library = await import('../../provider/index.js')
    const { login: _, ...network } = networkOf(args)
    const result = await library.login({
      ...commonOf(args, run),
      ...network,
      registry,
      username: args.required('username'),
      password,
    })
    if (args.flag('what-if')) run.print(result, () => wouldLogInLines(result))
    else run.report(result, () => loggedInLines(result))
    return undefined
  },
}
