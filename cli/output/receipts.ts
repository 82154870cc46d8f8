import { printable } from '../../manifests/index.js'
import type { HostStatus, MediaStatus, ReceiptLog } from '../../provider/index.js'
import { counted } from './counted.js'
import { fromHere } from './from-here.js'
import { size } from './sizes.js'
import { table } from './table.js'
import { signatureLine } from './verified.js'

/** A log, one block per receipt. */
export function receiptLines({ path, receipts }: ReceiptLog): string[] {
  const [first] = receipts
  if (!first) return [`${printable(fromHere(path))}: no receipts`]
  return [
    `${printable(fromHere(path))}: ${counted(receipts.length, 'receipt')} of the store ${printable(first.store)}`,
    ...receipts.flatMap(({ number, time, by, host, from, images, blobs, error }) => [
      `${number}  ${printable(time)}${host === undefined ? '' : ` on ${printable(host)}`}, from ${from.map(printable).join(', ')}, by containerimage ${printable(by)}`,
      ...images.map(
        ({ outcome, name, version, digest }) =>
          `   ${outcome} ${printable(name)} ${printable(version)} ${digest}`,
      ),
      `   ${blobsInWords(blobs)}`,
      ...(error ? [`   ${printable(error.code)}`] : []),
    ]),
  ]
}

function blobsInWords(blobs: ReceiptLog['receipts'][number]['blobs']): string {
  const came = blobs.filter(({ outcome }) => outcome === 'installed')
  const bytes = came.reduce((sum, blob) => sum + blob.size, 0)
  return `${counted(came.length, 'blob')} copied, ${size(bytes)}; ${counted(blobs.length - came.length, 'blob')} already there`
}

/** That a log is intact, and the sum that identifies its end. */
export function receiptsVerifiedLines({ path, receipts, signers }: ReceiptLog): string[] {
  const last = receipts.at(-1)
  return [
    `${printable(fromHere(path))}: ${counted(receipts.length, 'receipt')}, unchanged`,
    ...(last
      ? [`  the last is number ${last.number} of ${printable(last.time)}, with the sum ${last.sum}`]
      : []),
    ...signers.map((one) => `  ${signatureLine(one)}`),
  ]
}

/** What was sent, compared with what came back: one row per host and image. */
export function mediaStatusLines({ images, hosts }: MediaStatus, width?: number): string[] {
  const columns = [
    { title: 'HOST', shrinks: 1 },
    { title: 'NAME', shrinks: 2 },
    { title: 'VERSION' },
    { title: 'STATE' },
    { title: 'RECEIPT OF' },
  ]
  const none = images.map(({ name, version }) => ['-', name, version, 'not yet', '-'])
  const rows = hosts.length === 0 ? none : hosts.flatMap(rowsOf)
  return [
    ...table(columns, rows, { width, gap: 3 }),
    hosts.length === 0 ? 'No receipt has come back.' : countLine(images.length, hosts),
  ]
}

function rowsOf({ store, host, images }: HostStatus): string[][] {
  return images.map(({ name, version, state, time }) => [
    host ?? store.slice(0, 8),
    name,
    version,
    state,
    time ?? '-',
  ])
}

function countLine(images: number, hosts: HostStatus[]): string {
  const whole = hosts.filter((host) => host.images.every(({ state }) => state === 'delivered'))
  return `Complete on ${whole.length} of ${counted(hosts.length, 'host')} (${counted(images, 'image')}).`
}
