import { expect } from 'chai'
import { readBlobs, readTree, type Wim, type WimEntry } from '../../../../../provider/formats/wim/index.js'
import type { WimContent, WimSourceEntry } from '../../../../../provider/formats/wim/write/index.js'
import { windowsReparse } from '../../../../../provider/formats/wim/write/reparse-buffers.js'

const times = {
  createdAt: 130000000000000001n,
  accessedAt: 130000000000000002n,
  writtenAt: 130000000000000003n,
}

function text(value: string): WimContent {
  return {
    size: Buffer.byteLength(value),
    open: async function* () {
      yield Buffer.from(value)
    },
  }
}

/** A tree that has each kind of metadata once. */
export function fullTree(): WimSourceEntry {
  const securityDescriptor = Buffer.from('0100048000', 'hex')
  const other = Buffer.from('010004800102030405', 'hex')
  const shared = text('shared by two names')
  const file = { ...times, attributes: 0x20 }
  const folder = { ...times, attributes: 0x10 }
  return {
    ...folder,
    name: '',
    securityDescriptor: other,
    children: [
      {
        ...{ ...times, name: 'rich.txt', attributes: 0x26, shortName: 'RICH~1.TXT' },
        content: text('hello'),
        namedStreams: [{ name: 'empty' }, { name: 'stream', content: text('inside') }],
        securityDescriptor,
        objectId: Buffer.alloc(16, 7),
        extendedAttributes: [{ name: '$KERNEL.PURGE', flags: 0x80, value: Buffer.from('value') }],
      },
      {
        ...{ ...folder, name: 'Folder', namedStreams: [{ name: 'of it', content: text('x') }] },
        children: [
          { ...file, name: 'second name', linkGroup: 3, content: shared },
          { ...folder, name: 'empty', children: [], securityDescriptor },
        ],
      },
      { ...file, name: 'First name', linkGroup: 3, content: shared },
      { ...times, name: 'junction', attributes: 0x410, reparse: windowsReparse('C:\\target', true) },
      { ...times, name: 'symlink', attributes: 0x400, reparse: windowsReparse('..\\target', false) },
      {
        ...{ ...times, name: 'streamed link', attributes: 0x400 },
        reparse: windowsReparse('target', false),
        namedStreams: [{ name: 's', content: text('of a link') }],
      },
      {
        ...{ ...file, name: 'unix' },
        unix: { uid: 1000, gid: 4294967294, mode: 0o104755, rdev: 0 },
        extendedAttributes: [{ name: 'user.é', flags: 0, value: Buffer.from([0, 255]) }],
      },
      { ...file, name: 'Ünïcödé 🦜' },
    ],
  }
}

/** Compares an image with the tree that was written, entry for entry and byte for byte. */
export async function expectSameTree(wim: Wim, index: number, root: WimSourceEntry): Promise<void> {
  const { root: read } = await readTree(wim, index)
  await compare(read, root)

  async function compare(found: WimEntry, wanted: WimSourceEntry): Promise<void> {
    const at = found.path
    const { attributes, createdAt, accessedAt, writtenAt, shortName } = wanted
    expect(found, at).to.include({ name: wanted.name, attributes, createdAt, accessedAt, writtenAt })
    expect(found.shortName, at).to.equal(shortName)
    expect(hex(found.securityDescriptor), at).to.equal(hex(wanted.securityDescriptor))
    expect(hex(found.objectId), at).to.equal(hex(wanted.objectId))
    expect(found.unix, at).to.deep.equal(wanted.unix)
    expect(found.linkGroup !== 0n, at).to.equal((wanted.linkGroup ?? 0) !== 0)
    expect(found.extendedAttributes.map(plain), at).to.deep.equal(
      (wanted.extendedAttributes ?? []).map(plain),
    )
    expect(await bytesOf(found.sha1), at).to.equal(await contentOf(wanted.content))
    const { tag, reserved = 0, notFixed = true, data = Buffer.alloc(0) } = wanted.reparse ?? {}
    expect(await bytesOf(found.reparsePoint?.sha1), at).to.equal(hex(data) || undefined)
    if (wanted.reparse) expect(found.reparsePoint, at).to.include({ tag, reserved, notFixed })
    expect(found.namedStreams.map(({ name }) => name)).to.deep.equal(
      (wanted.namedStreams ?? []).map(({ name }) => name),
    )
    for (const [i, stream] of found.namedStreams.entries())
      expect(await bytesOf(stream.sha1), `${at}:${stream.name}`).to.equal(
        await contentOf(wanted.namedStreams?.[i]?.content),
      )
    const names = (children: readonly { name: string }[] | undefined) =>
      (children ?? []).map(({ name }) => name).sort()
    expect(names(found.children), at).to.deep.equal(names(wanted.children))
    for (const child of found.children ?? [])
      await compare(child, wanted.children?.find(({ name }) => name === child.name) as WimSourceEntry)
  }

  async function bytesOf(sha1: string | undefined): Promise<string | undefined> {
    const blob = wim.blobs.get(sha1 ?? '')
    if (!blob) return sha1
    const pieces: Buffer[] = []
    for await (const { bytes } of readBlobs([blob], { workers: 0 })) pieces.push(Buffer.from(bytes))
    return Buffer.concat(pieces).toString('hex')
  }
}

async function contentOf(content: WimContent | undefined): Promise<string | undefined> {
  if (!content?.open) return undefined
  const pieces: Buffer[] = []
  for await (const piece of content.open()) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('hex')
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex')
}

function plain(one: { name: string; flags: number; value: Buffer }) {
  return { ...one, value: one.value.toString('hex') }
}
