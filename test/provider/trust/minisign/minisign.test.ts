import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  parsePublicKey,
  publicKeyFile,
  publicKeyLine,
} from '../../../../provider/trust/minisign/public-key.js'
import {
  generateSecretKey,
  parseSecretKey,
  publicKeyOf,
  secretKeyFile,
} from '../../../../provider/trust/minisign/secret-key.js'
import { isSignatureOf, parseSignature, signBytes } from '../../../../provider/trust/minisign/signature.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { smallOrder } from '../curve/small-order.js'

/** Opening a key costs what minisign asks for, some seconds, on a busy machine many. */

describeWithPeers(['minisign'], 'keys and signatures beside minisign itself', () => {
  const { folder, remove } = scratch()
  after(remove)

  it('verifies what we sign, with our key', async () => {
    const place = folder()
    const key = generateSecretKey()
    const list = path.join(place, 'list')
    writeFileSync(list, 'some bytes\n')
    writeFileSync(path.join(place, 'key.pub'), publicKeyFile(publicKeyOf(key)))
    writeFileSync(`${list}.minisig`, signBytes(key, readFileSync(list), 'timestamp:1\tfile:list'))
    const told = runPeer('minisign', ['-V', '-p', path.join(place, 'key.pub'), '-m', list])
    expect(told).to.contain('Signature and comment signature verified')
    expect(told).to.contain('Trusted comment: timestamp:1\tfile:list')
  })

  it('signs with our key, without a passphrase and with one', async () => {
    for (const passphrase of [undefined, 'a passphrase']) {
      const place = folder()
      const key = generateSecretKey()
      const [file, list] = [path.join(place, 'key'), path.join(place, 'list')]
      writeFileSync(list, 'some bytes\n')
      writeFileSync(file, await secretKeyFile(key, passphrase))
      runPeer('minisign', ['-S', '-s', file, '-m', list], { input: Buffer.from(`${passphrase ?? ''}\n`) })
      const signature = parseSignature(readFileSync(`${list}.minisig`), 'list.minisig')
      expect(isSignatureOf(signature, readFileSync(list), publicKeyOf(key))).to.equal(true)
    }
  })

  it('makes keys that we sign with, without a passphrase and with one', async () => {
    for (const passphrase of [undefined, 'a passphrase']) {
      const place = folder()
      const [file, publicFile, list] = ['key', 'key.pub', 'list'].map((name) => path.join(place, name)) as [
        string,
        string,
        string,
      ]
      writeFileSync(list, 'some bytes\n')
      const how = passphrase === undefined ? ['-W'] : []
      const input = Buffer.from(`${passphrase ?? ''}\n${passphrase ?? ''}\n`)
      runPeer('minisign', ['-G', ...how, '-p', publicFile, '-s', file], { input })
      const secret = parseSecretKey(readFileSync(file), 'key')
      expect(secret.isEncrypted).to.equal(passphrase !== undefined)
      const key = await secret.open(passphrase ?? '')
      if (passphrase !== undefined) await refusesAnother(file)
      expect(publicKeyOf(key)).to.deep.equal(parsePublicKey(readFileSync(publicFile), 'key.pub'))
      writeFileSync(`${list}.minisig`, signBytes(key, readFileSync(list), 'ours'))
      runPeer('minisign', ['-V', '-p', publicFile, '-m', list])
    }
  })

  it('signs what we verify, hashed before and in the way of older programs', () => {
    const place = folder()
    const [file, publicFile, list] = ['key', 'key.pub', 'list'].map((name) => path.join(place, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(list, 'some bytes\n')
    runPeer('minisign', ['-G', '-W', '-p', publicFile, '-s', file])
    const key = parsePublicKey(readFileSync(publicFile), 'key.pub')
    for (const how of [[], ['-l']]) {
      runPeer('minisign', ['-S', ...how, '-s', file, '-m', list, '-t', 'a comment'])
      const signature = parseSignature(readFileSync(`${list}.minisig`), 'list.minisig')
      expect(signature.isPrehashed).to.equal(how.length === 0)
      expect(signature.trustedComment).to.equal('a comment')
      expect(isSignatureOf(signature, readFileSync(list), key)).to.equal(true)
      expect(isSignatureOf(signature, Buffer.from('other bytes\n'), key)).to.equal(false)
      const comment = { ...signature, trustedComment: 'another' }
      expect(isSignatureOf(comment, readFileSync(list), key)).to.equal(false)
    }
  })
})

/** And shows nothing of the key in the error. */
async function refusesAnother(file: string): Promise<void> {
  const bytes = readFileSync(file)
  const error = await parseSecretKey(bytes, 'key')
    .open('another')
    .catch((thrown) => thrown)
  expect(error.code).to.equal('PASSPHRASE_WRONG')
  expect(JSON.stringify(error)).not.to.contain(bytes.toString().split('\n')[1])
}

describe('keys and signatures', () => {
  const bytes = Buffer.from('some bytes\n')

  it('are refused where anybody or nobody could sign with the key', () => {
    const { id } = publicKeyOf(generateSecretKey())
    const noPoint = Buffer.from([2, ...Buffer.alloc(31)])
    for (const key of [...smallOrder(), noPoint])
      for (const file of [publicKeyFile({ id, bytes: key }), Buffer.from(publicKeyLine({ id, bytes: key }))])
        expect(() => parsePublicKey(file, 'key'))
          .to.throw()
          .with.property('code', 'KEY_INVALID')
  })

  it('are refused where a file has more than one key', () => {
    const [one, other] = [generateSecretKey(), generateSecretKey()].map(publicKeyOf).map((key) => ({
      file: publicKeyFile(key).toString(),
      line: publicKeyLine(key),
    })) as [{ file: string; line: string }, { file: string; line: string }]
    for (const text of [one.file + other.file, `${one.file}${other.line}`, `${one.line}\n${other.line}\n`])
      expect(() => parsePublicKey(Buffer.from(text), 'key'))
        .to.throw('one public key')
        .with.property('code', 'KEY_INVALID')
    expect(parsePublicKey(Buffer.from(`${one.file}\n \n`), 'key')).to.have.property('id')
  })

  it('are refused where the checksum of a secret key without a passphrase is wrong', async () => {
    const file = (await secretKeyFile(generateSecretKey(), undefined)).toString()
    const raw = Buffer.from(file.split('\n')[1] ?? '', 'base64')
    for (const at of [1, 16, 32]) {
      const bad = Buffer.from(raw)
      bad[raw.length - at] = 1
      const text = Buffer.from(`untrusted comment: x\n${bad.toString('base64')}\n`)
      const error = await parseSecretKey(text, 'key')
        .open('')
        .catch((thrown) => thrown)
      expect(error.code).to.equal('KEY_INVALID')
      expect(error.found).to.contain('checksum')
    }
  })

  it('are refused where a key asks for more memory than minisign does', async () => {
    const file = await secretKeyFile(generateSecretKey(), undefined)
    const raw = Buffer.from(file.toString().split('\n')[1] ?? '', 'base64')
    raw.write('Sc', 2)
    raw.writeBigUInt64LE(1n << 40n, 46)
    expect(() => parseSecretKey(Buffer.from(`untrusted comment: x\n${raw.toString('base64')}\n`), 'key'))
      .to.throw()
      .with.property('code', 'KEY_INVALID')
  })

  it('are refused where anything of them is not as it should be', () => {
    const text = signBytes(generateSecretKey(), bytes, 'comment').toString()
    const bad = [
      '',
      'untrusted comment: x\n',
      text.replace('trusted comment: comment', 'comment'),
      text.replace(/\n.*\n/, '\nRUQ=\n'),
      `${text}more\n`,
      text.replace('\nRU', '\nRX'),
      text.replace(/=\n$/, '*\n'),
    ]
    for (const one of bad)
      expect(() => parseSignature(Buffer.from(one), 'x.minisig'), JSON.stringify(one))
        .to.throw()
        .with.property('code', 'SIGNATURE_INVALID')
    for (const one of ['', 'untrusted comment: x\n', 'RWQ=', text])
      expect(() => parsePublicKey(Buffer.from(one), 'x.pub'), JSON.stringify(one))
        .to.throw()
        .with.property('code', 'KEY_INVALID')
  })

  it('of another key with the same number prove nothing', () => {
    const key = generateSecretKey()
    const spoofed = { ...generateSecretKey(), id: key.id }
    const signature = parseSignature(signBytes(spoofed, bytes, 'comment'), 'x.minisig')
    expect(signature.keyId).to.equal(key.id)
    expect(isSignatureOf(signature, bytes, publicKeyOf(key))).to.equal(false)
  })
})
