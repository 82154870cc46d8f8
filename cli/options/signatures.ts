import type { SignatureOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import type { Run } from '../command/run.js'
import { usage } from '../command/usage.js'
import { passphraseFrom, passphraseIn } from '../terminal/passphrase.js'

/** What a media or an archive must have to be accepted, and receipts to be relied on. */
export const SIGNATURES: Record<string, OptionDefinition> = {
  'require-signature': {
    type: 'switch',
    describe: 'Accept only what a trusted key has signed',
    more: 'Without it this applies once a key is trusted',
  },
  'require-signatures': {
    type: 'value',
    placeholder: 'N',
    describe: 'Accept only what N trusted keys have signed',
  },
  'signed-by': {
    type: 'list',
    placeholder: 'KEY',
    describe: 'Keys that count instead of the trusted ones',
    more: 'The file of a public key, or the line in it',
    offer: 'files',
  },
}

export function signaturesOf(args: Arguments): SignatureOptions {
  const number = args.text('require-signatures')
  if (number !== undefined && !/^[1-9]\d?$/.test(number))
    throw usage(`--require-signatures takes a number from 1 to 99, and not ${number}.`, args.path)
  const one = args.flag('require-signature') || args.list('signed-by') !== undefined ? 1 : undefined
  return {
    requireSignatures: number === undefined ? one : Number(number),
    signedBy: args.list('signed-by'),
  }
}

/** How a key is opened. */
export const PASSPHRASE: Record<string, OptionDefinition> = {
  'passphrase-file': {
    type: 'value',
    placeholder: 'FILE',
    parameter: 'KeyPassphraseFile',
    describe: 'Read the passphrase of keys from FILE; - is stdin',
    more: 'Its first line counts; without it you are asked on the terminal, which does not show what you type',
    offer: 'files',
  },
}

/** Which keys sign. */
export const SIGN: Record<string, OptionDefinition> = {
  sign: {
    type: 'list',
    placeholder: 'KEY',
    describe: 'Sign the list of the files with this secret key',
    more: 'It may be repeated: each key makes a signature of its own',
    offer: 'files',
  },
  ...PASSPHRASE,
}

/** Which keys sign a file of receipts or an inventory, which are carried back. */
export const SIGN_DOCUMENT: Record<string, OptionDefinition> = {
  sign: {
    type: 'list',
    placeholder: 'KEY',
    describe: 'Sign what is carried back with this secret key',
    more: 'It may be repeated: each key makes a signature of its own',
    offer: 'files',
  },
  ...PASSPHRASE,
}

/** @returns asks for a passphrase, once for each key, or takes the one of the file for all of them */
export function passphraseOf(args: Arguments, run: Run, isNew = false) {
  const file = args.text('passphrase-file')
  let read: Promise<string> | undefined
  return async (key: string): Promise<string | undefined> => {
    if (file === undefined) return await run.passphrase(key, isNew)
    read ??= file === '-' ? passphraseFrom(run.stdin) : passphraseIn(file)
    return await read
  }
}

export function signOf(args: Arguments, run: Run) {
  return { sign: args.list('sign'), passphrase: passphraseOf(args, run) }
}
