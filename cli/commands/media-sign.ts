import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { SIGN, signOf } from '../options/signatures.js'
import { signatureLines } from '../output/trusted-keys.js'
import { whatIf } from '../output/what-if.js'

const { sign, ...PASSPHRASE } = SIGN

export const mediaSign: Command = {
  name: 'sign',
  summary: 'Sign a media that is there',
  more: 'Everything on it is compared with its list first',
  positionals: [{ name: 'path', required: true, describe: 'The media', offer: 'folders' }],
  options: { ...(sign ? { sign: { ...sign, required: true } } : {}), ...PASSPHRASE },
  examples: [
    { line: 'media sign ./usb --sign ./site.key', does: 'Asks for the passphrase of the key' },
    { line: 'media sign ./usb --sign ./ci.key --what-if', does: 'Only say with which key' },
  ],
  async run(args, run) {
    const path = args.required('path')
    if (!(await run.agreed('Sign Media', path))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.mediaSign({ ...commonOf(args, run), ...signOf(args, run), path })
    if (args.flag('what-if'))
      run.print(result, () =>
        result.signatures.map(({ keyId }) => whatIf('Sign Media', `${path} with ${keyId}`)),
      )
    else run.report(result, () => signatureLines(result.signatures))
    return undefined
  },
}
