import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { signBytes } from '../../provider/trust/minisign/signature.js'
import { flip, type Keys, saved, secretOf, trustingHost } from '../provider/trust/site.js'

/** What somebody does to a signed media, and how it is refused then. */
type Attack = [title: string, code: string, attack: (media: string, others: Others) => void | Promise<void>]

interface Others {
  key: Keys
  foreign: Keys
  /** Another media that the same key has signed. */
  other: string
}

const LIST = 'SHA256SUMS'
const SIGNATURE = `${LIST}.minisig`

describe('signatures: a media that somebody had in hand', () => {
  const host = trustingHost()
  let key: Keys
  let foreign: Keys
  let media = ''
  let other = ''

  before(async () => {
    host.begin()
    key = await host.keys('build')
    foreign = await host.keys('foreign')
    const sign = [key.secret]
    media = await saved(host.folder(), ['debian:12.5', 'nginx:1.27'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
      sign,
    })
    other = await saved(host.folder(), ['debian:12.4'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
      sign,
    })
  })
  after(() => host.end())

  const lineOf = (text: string, at: number): string => text.split('\n')[at] ?? ''
  const changed = (file: string, change: (text: string) => string): void =>
    writeFileSync(file, change(readFileSync(file, 'utf8')))

  const ATTACKS: Attack[] = [
    ['as it was is taken', 'taken', () => {}],
    ['without its signature', 'SIGNATURE_MISSING', (at) => rmSync(path.join(at, SIGNATURE))],
    [
      'with the signature of a key that nobody trusts',
      'SIGNATURE_UNTRUSTED',
      async (at, others) => {
        const bytes = readFileSync(path.join(at, LIST))
        writeFileSync(path.join(at, SIGNATURE), signBytes(await secretOf(others.foreign), bytes, 'x'))
      },
    ],
    [
      'with the id of the trusted key in a signature of another',
      'SIGNATURE_INVALID',
      async (at, others) => {
        const spoofed = { ...(await secretOf(others.foreign)), id: others.key.id }
        const bytes = readFileSync(path.join(at, LIST))
        writeFileSync(path.join(at, SIGNATURE), signBytes(spoofed, bytes, 'sequence:9'))
      },
    ],
    [
      'with the signature of another media',
      'SIGNATURE_INVALID',
      (at, others) => copyFileSync(path.join(others.other, SIGNATURE), path.join(at, SIGNATURE)),
    ],
    [
      'with the list and the signature of another media',
      'FILE_MISSING',
      (at, others) => {
        for (const name of [LIST, SIGNATURE]) copyFileSync(path.join(others.other, name), path.join(at, name))
      },
    ],
    ['with an altered list', 'SIGNATURE_INVALID', (at) => flip(path.join(at, LIST), 3)],
    [
      'with another number in the trusted comment',
      'SIGNATURE_INVALID',
      (at) =>
        changed(path.join(at, SIGNATURE), (text) =>
          text.replace('sequence:1700000000', 'sequence:1800000000'),
        ),
    ],
    [
      'with another signature of the trusted comment',
      'SIGNATURE_INVALID',
      (at, others) =>
        changed(path.join(at, SIGNATURE), (text) =>
          text.replace(lineOf(text, 3), lineOf(readFileSync(path.join(others.other, SIGNATURE), 'utf8'), 3)),
        ),
    ],
    ['with an altered page', 'FILE_CHANGED', (at) => flip(path.join(at, 'index.html'), 5)],
    ['with an altered index', 'FILE_CHANGED', (at) => flip(path.join(at, 'index.json'), 40)],
    [
      'with an altered blob',
      'DIGEST_MISMATCH',
      (at) => {
        for (const name of readdirSync(path.join(at, 'blobs/sha256')))
          flip(path.join(at, 'blobs/sha256', name), 2)
      },
    ],
    ['with a file that was taken away', 'FILE_MISSING', (at) => rmSync(path.join(at, 'index.html'))],
    ['with a file more', 'FILE_EXTRA', (at) => writeFileSync(path.join(at, 'setup.exe'), 'MZ')],
    [
      'with a list of docker beside its own',
      'FILE_EXTRA',
      (at) => writeFileSync(path.join(at, 'manifest.json'), '[]'),
    ],
    [
      'with a link in place of the signature',
      'SIGNATURE_INVALID',
      (at) => {
        renameSync(path.join(at, SIGNATURE), path.join(at, '..', 'elsewhere.minisig'))
        symlinkSync('../elsewhere.minisig', path.join(at, SIGNATURE))
      },
    ],
    [
      'with a folder in place of the signature',
      'SIGNATURE_INVALID',
      (at) => {
        rmSync(path.join(at, SIGNATURE))
        mkdirSync(path.join(at, SIGNATURE))
      },
    ],
    [
      'with a signature of a hundred megabytes',
      'SIGNATURE_INVALID',
      (at) => writeFileSync(path.join(at, SIGNATURE), Buffer.alloc(100_000_000)),
    ],
  ]

  for (const [title, code, attack] of ATTACKS)
    it(`${title}: ${code}`, async () => {
      const at = path.join(host.folder(), 'usb')
      cpSync(media, at, { recursive: true })
      await attack(at, { key, foreign, other })
      expect(await host.taken(at, [key])).to.equal(code)
    })
})
