import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { printable } from '../../../manifests/index.js'
import { readIdentities } from '../../../provider/encryption/identities.js'
import { readRecipients } from '../../../provider/encryption/recipients.js'
import { ed25519Sign } from '../../../provider/trust/minisign/ed25519.js'
import { parsePublicKey, publicKeyFile, publicKeyLine } from '../../../provider/trust/minisign/public-key.js'
import { parseSecretKey, publicKeyOf, secretKeyFile } from '../../../provider/trust/minisign/secret-key.js'
import { isSignatureOf, parseSignature, signBytes } from '../../../provider/trust/minisign/signature.js'
import { formatComment, parseComment } from '../../../provider/trust/signed/comment.js'
import { broken, type Target } from '../target.js'

/** The same in every run, so that an input that was found can be given again; nothing else is encrypted with it. */
const IDENTITY = 'AGE-SECRET-KEY-10ZR5GT3636KSH7RSETGSPTF6709D0VXHFRZ4DTVHFKNP9DQNKM3QLG7TKJ'
const RECIPIENT = 'age1v8rvuxgu2947n3k38chteypzvu9wxvydglsvnkjvkcpg8p8fxv3qwjwh4x'
const CHUNK = 64 * 1024

const KEY = { id: '0123456789ABCDEF', seed: Buffer.alloc(32, 7) }
const MESSAGE = Buffer.from('the list of the files')
const COMMENT = formatComment({
  time: 1_700_000_000,
  file: 'media.json',
  sequence: 12,
  images: ['debian:12.5', 'alpine:3.20'],
  documents: 'ab'.repeat(32),
})

async function gathered(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

async function* once(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes
}

/** The result is what was encrypted, to its end, or nothing. */
const encrypted: Target = {
  name: 'age',
  async prepare(folder) {
    const [keys, file] = [path.join(folder, 'key'), path.join(folder, 'input.age')]
    writeFileSync(keys, `${IDENTITY}\n`, { mode: 0o600 })
    const identities = await readIdentities([keys], () => {})
    const recipients = await readRecipients([RECIPIENT], [])
    const plain = [Buffer.alloc(0), Buffer.from('what is secret'), Buffer.alloc(CHUNK + 17, 'secret ')]
    const seeds = await Promise.all(plain.map((bytes) => gathered(recipients.encrypted(once(bytes)))))
    return {
      seeds,
      words: ['age-encryption.org/v1\n', '-> X25519 ', '-> scrypt x 18\n', '\n--- ', '-> grease\n'],
      async take(input) {
        writeFileSync(file, input)
        const found = await gathered(identities.decrypted(file, 'it'))
        if (!plain.some((one) => one.equals(found))) broken(`${found.length} bytes that nobody encrypted`)
      },
    }
  },
}

function keyFile(name: string, seed: string, words: string[], read: (file: string) => unknown): Target {
  return {
    name,
    prepare(folder) {
      const file = path.join(folder, 'input')
      return {
        seeds: [Buffer.from(`# created: 2026-01-01T00:00:00Z\n${seed}\n`)],
        words,
        async take(input) {
          writeFileSync(file, input, { mode: 0o600 })
          await read(file)
        },
      }
    },
  }
}

const signature: Target = {
  name: 'minisign',
  prepare() {
    const key = publicKeyOf(KEY)
    const raw = ed25519Sign(KEY.seed, MESSAGE)
    const older = [
      'untrusted comment: of the bytes themselves',
      Buffer.concat([Buffer.from('Ed'), Buffer.from(KEY.id, 'hex').reverse(), raw]).toString('base64'),
      `trusted comment: ${COMMENT}`,
      ed25519Sign(KEY.seed, Buffer.concat([raw, Buffer.from(COMMENT)])).toString('base64'),
    ]
    return {
      seeds: [signBytes(KEY, MESSAGE, COMMENT), Buffer.from(`${older.join('\n')}\n`)],
      words: ['untrusted comment: ', 'trusted comment: ', '\r\n', '=', 'RU'],
      take(input) {
        const found = parseSignature(input, 'it')
        if (isSignatureOf(found, MESSAGE, key) && found.trustedComment !== COMMENT)
          broken(`the comment ${JSON.stringify(found.trustedComment)} counts as signed`)
      },
    }
  },
}

const publicKey: Target = {
  name: 'minisign-key',
  prepare: () => ({
    seeds: [publicKeyFile(publicKeyOf(KEY)), Buffer.from(publicKeyLine(publicKeyOf(KEY)))],
    words: ['untrusted comment: ', 'RW', '=', '\n'],
    take(input) {
      const key = parsePublicKey(input, 'it')
      const again = parsePublicKey(publicKeyFile(key), 'it')
      if (again.id !== key.id || !again.bytes.equals(key.bytes)) broken(key.id)
    },
  }),
}

/** Those with a passphrase are read, but not opened: that takes seconds and a gigabyte, as minisign demands. */
const secretKey: Target = {
  name: 'minisign-secret-key',
  prepare: async () => ({
    seeds: [await secretKeyFile(KEY, undefined)],
    words: ['untrusted comment: ', 'RWRTYw', 'RWQAAE', '='],
    async take(input) {
      const { isEncrypted, open } = parseSecretKey(input, 'it')
      if (isEncrypted) return
      const key = await open('')
      const again = await parseSecretKey(await secretKeyFile(key, undefined), 'it').open('')
      if (again.id !== key.id || !again.seed.equals(key.seed)) broken(key.id)
    },
  }),
}

const comment: Target = {
  name: 'trusted-comment',
  prepare: () => ({
    seeds: [Buffer.from(COMMENT), Buffer.from('timestamp:1700000000\tfile:x\thashed')],
    words: ['\t', ':', 'sequence:', 'images:', 'documents:', 'timestamp:', ','],
    patience: 1000,
    take(input) {
      const { time, sequence, file = '', images = [] } = parseComment(input.toString('utf8'))
      for (const number of [time, sequence])
        if (number !== undefined && !(Number.isSafeInteger(number) && number >= 0)) broken(`${number}`)
      for (const text of [file, ...images]) if (text !== printable(text)) broken(JSON.stringify(text))
    },
  }),
}

/** What is signed and what is encrypted, and the keys for both. */
export const TRUST: Target[] = [
  encrypted,
  keyFile('age-identities', IDENTITY, ['AGE-SECRET-KEY-1', '\n', '#', 'age-encryption.org/v1'], (file) =>
    readIdentities([file], () => {}),
  ),
  keyFile('age-recipients', RECIPIENT, ['age1', '\n', '#', 'ssh-ed25519 '], (file) =>
    readRecipients([], [file]),
  ),
  signature,
  publicKey,
  secretKey,
  comment,
]
