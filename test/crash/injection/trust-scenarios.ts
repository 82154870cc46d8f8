import { cpSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parsePublicKey } from '../../../provider/trust/minisign/public-key.js'
import { parseSecretKey, publicKeyOf } from '../../../provider/trust/minisign/secret-key.js'
import { judged } from '../../../provider/trust/signed/judged-signers.js'
import { signaturesOf } from '../../../provider/trust/signed/signature-files.js'
import type { Inputs } from './inputs.js'
import { withOlder } from './install-scenarios.js'
import { run } from './run-command.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

/** What commands end with that would write what is there already, or find nothing of a name. */
const IS_THERE = 5
const IS_UNKNOWN = 2

/** So that what is signed is the same each time. */
const AT_A_TIME = { SOURCE_DATE_EPOCH: '1700000000' }

const SIGNER = 'signer.pub'

async function withMedia({ at }: Workspace, inputs: Inputs): Promise<void> {
  cpSync(await inputs.saved('media', { format: 'media' }), at('media'), { recursive: true })
}

async function trusting(workspace: Workspace, inputs: Inputs): Promise<void> {
  await runWell(workspace, await trustAdd(inputs))
}

/** As it is for whoever trusts the key: at every moment what lies there is signed, as it was or as it is now. */
function checkSigned(name: string): Scenario['check'] {
  return async ({ at }, isDone) => {
    const file = at(name)
    if (!existsSync(file)) throw new Error(`${name} is not there`)
    const key = parsePublicKey(readFileSync(at(SIGNER)), SIGNER)
    const trusted = [{ ...key, name: 'site', patterns: [] }]
    const signers = judged(await signaturesOf(file), readFileSync(file), trusted)
    const [signer, ...others] = signers
    if (signer?.verdict !== 'valid' || others.length > 0)
      throw new Error(
        `${name} has signatures that are ${signers.map(({ verdict }) => verdict).join(', ') || 'none'}`,
      )
    if (isDone && signer.file !== `${path.basename(name)}.minisig`) throw new Error(`${signer.file} is left`)
  }
}

/** Whose signatures a check of the workspace takes. */
async function withSigner({ at }: Workspace, inputs: Inputs): Promise<void> {
  cpSync(await publicKey(inputs), at(SIGNER))
}

async function runWell(workspace: Workspace, words: string[]): Promise<void> {
  const { code, err } = await run(workspace, words)
  if (code !== 0) throw new Error(`${words.join(' ')} ends with ${code}: ${err}`)
}

async function signedReceipt(inputs: Inputs): Promise<string[]> {
  return [...['--receipt', 'receipts.jsonl', '--receipt-host', 'plant'], ...['--sign', await inputs.key()]]
}

async function signedInventory(inputs: Inputs): Promise<string[]> {
  return ['inventory', '--path', 'inventory.json', '--sign', await inputs.key()]
}

async function trustAdd(inputs: Inputs): Promise<string[]> {
  return ['trust', 'add', await publicKey(inputs), '--name', 'site']
}

async function publicKey(inputs: Inputs): Promise<string> {
  return (await inputs.key()).replace(/\.key$/, '.pub')
}

/** Keys, signatures, and what is encrypted. */
export const TRUST: Scenario[] = [
  {
    title: 'key generate',
    command: async () => ['key', 'generate', 'site.key', '--no-passphrase'],
    whenDone: IS_THERE,
    inSteps: true,
    check: checkPair,
  },
  { title: 'trust add', command: trustAdd, whenDone: IS_THERE },
  {
    title: 'trust remove',
    prepare: trusting,
    command: async () => ['trust', 'remove', 'site'],
    whenDone: IS_UNKNOWN,
  },
  {
    title: 'media sign',
    environment: () => AT_A_TIME,
    prepare: withMedia,
    command: async (inputs) => ['media', 'sign', 'media', '--sign', await inputs.key()],
    inSteps: true,
  },
  {
    title: 'install with a second receipt, signed like the first',
    environment: () => AT_A_TIME,
    async prepare(workspace, inputs) {
      await withSigner(workspace, inputs)
      await runWell(workspace, ['install', await inputs.demo('1.0'), ...(await signedReceipt(inputs))])
    },
    command: async (inputs) => ['install', await inputs.saved('demo.tar'), ...(await signedReceipt(inputs))],
    // The time is in each, and what is signed anew is under way beside it.
    mayDiffer: /(^|\/)receipts\.jsonl(\.[0-9A-F]{16}\.next)?(\.minisig)?$/,
    check: checkSigned('receipts.jsonl'),
  },
  {
    title: 'inventory that is signed, over an older one',
    environment: () => AT_A_TIME,
    async prepare(workspace, inputs) {
      await withSigner(workspace, inputs)
      await runWell(workspace, await signedInventory(inputs))
      await withOlder(workspace, inputs)
    },
    command: async (inputs) => [...(await signedInventory(inputs)), '--force'],
    mayDiffer: /^inventory\.json(\.[0-9A-F]{16}\.next)?(\.minisig)?$/,
    check: checkSigned('inventory.json'),
  },
  {
    title: 'save onto a signed media, signed again',
    environment: () => AT_A_TIME,
    async prepare(workspace, inputs) {
      await withSigner(workspace, inputs)
      cpSync(await inputs.signedMedia(), workspace.at('media'), { recursive: true })
    },
    command: async (inputs) => [
      ...['save', await inputs.demo('1.0'), '--format', 'media', '--path', 'media'],
      ...['--sign', await inputs.key()],
    ],
    inSteps: true,
    mayDiffer: /^media\/SHA256SUMS\.[0-9A-F]{16}\.next\.minisig$/,
    check: checkSigned('media/SHA256SUMS'),
  },
  {
    title: 'save of a tar that is signed',
    environment: () => AT_A_TIME,
    command: async (inputs) => [
      ...['save', await inputs.demo('2.0'), '--path', 'out.tar'],
      ...['--sign', await inputs.key()],
    ],
    inSteps: true,
  },
  {
    title: 'save of a tar that is encrypted',
    prepare: withOlder,
    command: async (inputs) => [
      ...['save', await inputs.demo('2.0'), '--path', 'out.tar', '--force'],
      ...['--encrypt-to', (await inputs.identity()).recipient],
    ],
    // Other bytes each time, and what is kept of them for the next run.
    mayDiffer: /^(out\.tar\.age$|home\/containerimage\/encrypted\/)/,
    check: async ({ at }, isDone) => {
      if (isDone && !existsSync(at('out.tar.age'))) throw new Error('nothing was saved')
    },
  },
  {
    title: 'install of a signed media',
    async prepare(workspace, inputs) {
      await withOlder(workspace, inputs)
      await trusting(workspace, inputs)
    },
    command: async (inputs) => ['install', await inputs.signedMedia()],
    inSteps: true,
  },
  {
    title: 'install through a gate',
    prepare: withOlder,
    command: async (inputs) => ['install', await inputs.saved('demo.tar'), '--gate', 'test -d {}'],
  },
]

/** A public key is that of the secret one beside it. @throws where it is not */
async function checkPair({ at }: Workspace, isDone: boolean): Promise<void> {
  const [secret, open] = [at('site.key'), at('site.pub')]
  if (!isDone && !(existsSync(secret) && existsSync(open))) return
  const own = publicKeyOf(await parseSecretKey(readFileSync(secret), secret).open(''))
  if (own.id !== parsePublicKey(readFileSync(open), open).id) throw new Error('the two keys are no pair')
}
