import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { readIdentities } from '../../../provider/encryption/identities.js'
import { readRecipients } from '../../../provider/encryption/recipients.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { type MadeKey, makeKey } from './made-keys.js'

const CHUNK = 64 * 1024
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]

describe('the format of age', () => {
  const temporary = scratch()
  let folder: string
  let key: MadeKey
  beforeEach(async () => {
    folder = temporary.folder()
    key = await makeKey(folder)
  })
  afterEach(() => temporary.remove())

  async function encrypt(bytes: Uint8Array, recipients: string[]): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of (await readRecipients(recipients, [])).encrypted(inPieces(bytes)))
      chunks.push(Uint8Array.from(chunk))
    return Buffer.concat(chunks)
  }

  async function decrypt(file: string, keyFile = key.file): Promise<Buffer> {
    const identities = await readIdentities([keyFile], () => {})
    const chunks: Uint8Array[] = []
    for await (const chunk of identities.decrypted(file, 'it')) chunks.push(Uint8Array.from(chunk))
    return Buffer.concat(chunks)
  }

  function written(bytes: Uint8Array): string {
    const file = path.join(folder, 'file.age')
    writeFileSync(file, bytes)
    return file
  }

  it('is read back, whatever the size', async () => {
    for (const size of SIZES) {
      const bytes = randomBytes(size)
      expect((await decrypt(written(await encrypt(bytes, [key.recipient])))).equals(bytes)).to.equal(true)
    }
  })

  it('is refused where a byte of it was changed, wherever that is', async () => {
    const whole = await encrypt(randomBytes(2 * CHUNK + 100), [key.recipient])
    const end = whole.indexOf('\n', whole.indexOf('\n--- ') + 1)
    const places = [30, 60, end - 5, end + 3, end + 20, end + CHUNK + 40, whole.length - 60, whole.length - 1]
    for (const at of places) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 4
      const error = await decrypt(written(changed)).then(
        () => undefined,
        (reason) => reason.code,
      )
      expect(error, `byte ${at}`).to.be.oneOf(['DECRYPTION_FAILED', 'ENCRYPTED'])
    }
  })

  it('is refused where it is cut, also between two chunks, and where something follows it', async () => {
    const whole = await encrypt(randomBytes(2 * CHUNK), [key.recipient])
    const payload = whole.indexOf('\n', whole.indexOf('\n--- ') + 1) + 17
    const cuts = [payload - 1, payload, payload + 15, payload + CHUNK + 16, whole.length - 1]
    for (const at of cuts) await failure(decrypt(written(whole.subarray(0, at))), 'DECRYPTION_FAILED')
    const longer = Buffer.concat([whole, Buffer.alloc(CHUNK)])
    await failure(decrypt(written(longer)), 'DECRYPTION_FAILED')
  })

  it('says for what kind of recipients a file is where the identity is of another', async () => {
    const other = await makeKey(folder, 'other')
    const error = await failure(
      decrypt(written(await encrypt(randomBytes(9), [key.recipient])), other.file),
      'ENCRYPTED',
    )
    expect(error.expected).to.contain('X25519')
    expect(error.remedy).to.contain('identity')
  })

  it('takes recipients from a file as well, and lists every one that is none', async () => {
    const file = path.join(folder, 'recipients.txt')
    writeFileSync(file, `# of the plant\n\n${key.recipient}\nage1nonsense\n`)
    const error = await failure(readRecipients(['ssh-ed25519 AAAA'], [file]), 'RECIPIENT_INVALID')
    expect(error.found).to.contain('line 4').and.contain('ssh-ed25519')
    writeFileSync(file, `# of the plant\n${key.recipient}\n${key.recipient}\n`)
    expect((await readRecipients([], [file])).names).to.deep.equal([key.recipient])
  })

  it('never shows a secret key that stands in the wrong place', async () => {
    const secret = readFileSync(key.file, 'utf8').split('\n')[2] ?? ''
    const told = await failure(readRecipients([secret], []), 'RECIPIENT_INVALID')
    writeFileSync(key.file, `${secret}\n${secret.slice(0, -3)}\n`)
    const other = await failure(
      readIdentities([key.file], () => {}),
      'IDENTITY_INVALID',
    )
    expect(other.found).to.contain('line 2')
    for (const error of [told, other])
      expect(JSON.stringify([error.message, error.expected, error.found, error.remedy])).not.to.contain(
        secret.slice(20, 40),
      )
  })

  if (process.platform !== 'win32')
    it('tells where others can read an identity', async () => {
      const notes: string[] = []
      await readIdentities([key.file], (note) => notes.push(note))
      expect(notes).to.deep.equal([])
      const { chmodSync } = await import('node:fs')
      chmodSync(key.file, 0o644)
      await readIdentities([key.file], (note) => notes.push(note))
      expect(notes.join()).to.contain(`chmod 600 ${key.file}`)
    })

  describeWithPeers(['age', 'age-keygen'], 'beside age itself', () => {
    it('opens what age has encrypted, to one of several and whatever the size', async () => {
      const own = path.join(folder, 'own')
      runPeer('age-keygen', ['-o', own])
      const recipient = /age1\w+/.exec(readFileSync(own, 'utf8'))?.[0] ?? ''
      for (const size of SIZES) {
        const bytes = randomBytes(size)
        const file = path.join(folder, 'by.age')
        runPeer('age', ['-r', recipient, '-r', key.recipient, '-o', file], { input: bytes })
        expect((await decrypt(file)).equals(bytes)).to.equal(true)
        expect((await decrypt(file, own)).equals(bytes)).to.equal(true)
      }
    })

    it('makes what age opens, with any of the identities', async () => {
      const other = await makeKey(folder, 'other')
      // Of nothing age makes no file at all.
      for (const size of SIZES.filter((one) => one > 0)) {
        const bytes = randomBytes(size)
        const file = written(await encrypt(bytes, [key.recipient, other.recipient]))
        for (const { file: identity } of [key, other]) {
          const opened = path.join(folder, 'opened')
          runPeer('age', ['--decrypt', '-i', identity, '-o', opened, file])
          expect(readFileSync(opened).equals(bytes)).to.equal(true)
        }
      }
    })

    it('says that a file written as text is not read', async () => {
      const file = path.join(folder, 'text.age')
      runPeer('age', ['--armor', '-r', key.recipient, '-o', file], { input: Buffer.from('x') })
      expect((await failure(decrypt(file), 'DECRYPTION_FAILED')).remedy).to.contain('--armor')
    })
  })
})

async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 50_001) yield bytes.subarray(from, from + 50_001)
}
