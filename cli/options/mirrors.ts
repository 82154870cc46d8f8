import type { MirrorCapability, NewMirrors } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'

/** Options for the mirrors that one `config set` names. */
export const MIRROR_OPTIONS: Record<string, OptionDefinition> = {
  append: { type: 'switch', describe: 'Mirrors: ask these after the existing ones' },
  'no-upstream': { type: 'switch', describe: 'Mirrors: never ask the registry itself' },
  'ca-file': {
    type: 'value',
    placeholder: 'FILE',
    describe: 'Mirrors: PEM file of authorities to trust',
    more: "They are trusted besides the system's",
    offer: 'files',
  },
  'skip-verify': {
    type: 'switch',
    describe: 'Mirrors: do not check their certificates',
    more: 'Every run warns about it',
  },
  insecure: { type: 'switch', describe: 'Mirrors: allow plain http to other hosts' },
  capabilities: {
    type: 'list',
    placeholder: 'WHAT',
    describe: 'Mirrors: pull, resolve, or both (default)',
    more: 'resolve means asking what a tag names',
  },
}

/** The mirrors that a `config set` means; undefined for any other key. @throws USAGE */
export function mirrorsOf(key: string, value: string | undefined, args: Arguments): NewMirrors | undefined {
  if (!/^mirrors\./i.test(key)) {
    const misplaced = Object.keys(MIRROR_OPTIONS).find(
      (name) => args.values[name] !== undefined && args.values[name] !== false,
    )
    if (misplaced)
      throw usage(`--${misplaced} is only for mirrors, and ${key} is not one.`, ['config', 'set'])
    return undefined
  }
  const caFile = args.text('ca-file')
  const capabilities = args.list('capabilities')?.map(capability)
  return {
    registry: key.slice('mirrors.'.length),
    urls: (value ?? '').split(/[\s,]+/).filter(Boolean),
    append: args.flag('append'),
    upstream: args.flag('no-upstream') ? false : undefined,
    options: {
      capabilities,
      caFile,
      skipVerify: args.flag('skip-verify'),
      insecure: args.flag('insecure'),
    },
  }
}

function capability(word: string): MirrorCapability {
  if (word === 'pull' || word === 'resolve') return word
  throw usage(`--capabilities is pull, resolve, or both, not '${word}'.`, ['config', 'set'])
}
