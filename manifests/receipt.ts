import { canonicalBytes, canonicalDigest } from './canonical-json.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { ContainerImageError } from './errors.js'
import { isSize, isTexts } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'
import { VERSION } from './program.js'

/**
 * What one install did: a line of a log that only grows. Each line has the sum of the one before it, so that
 * a line that was changed or removed is noticed; lines cut off at the end are noticed by whoever has seen
 * them.
 */
export interface Receipt {
  /** Of the format. */
  receiptVersion: 1
  /** From 1, without gaps. */
  number: number
  /** The `sum` of the line before; of the first, 64 zeros. */
  previous: string
  /** ISO 8601. */
  time: string
  /** Which version of this program wrote it. */
  by: string
  /** Identifies the store that it was installed into; purely random. */
  store: string
  /** Only if its owner allowed it. */
  host?: string
  /** What it was installed from: only the name of a file or folder, a reference, or a source. */
  from: string[]
  /** Which images, and what happened to each. */
  images: ReceivedImage[]
  /** Which blobs, and whether this run copied them. */
  blobs: ReceivedBlob[]
  /** What a site's own program said of it, if there is one. */
  gate?: GateVerdict
  /** If the run failed: why. */
  error?: { code: string; message: string }
  /** SHA-256 over the canonical JSON (RFC 8785) of all of the above, in hex. */
  sum: string
}

/** What a site's own program said of what was to be taken. */
export interface GateVerdict {
  /** The name of the program, without where it lies. */
  program: string
  /** The first line that it prints for its version. */
  version?: string
  /** It passed what it looked at if it ended with 0. */
  verdict: 'passed' | 'refused'
  /** The number that it ended with, or the signal. */
  exit: string
}

/** Of a blob; an image can be refused, too. */
const RECEIPT_OUTCOMES = ['installed', 'present'] as const
/** Whether it came with the run, or was there. */
export type ReceiptOutcome = (typeof RECEIPT_OUTCOMES)[number]

export interface ReceivedImage {
  /** Without host and version: `debian`. */
  name: string
  /** `12.5`. */
  version: string
  /** `linux/amd64`. */
  platform: string
  /** Of the manifest or index. */
  digest: Digest
  /** What happened to it. */
  outcome: ReceiptOutcome | 'refused'
  /** The lowest first; left out for what was refused. */
  layers?: { digest: Digest; diffId: Digest }[]
}

export interface ReceivedBlob {
  /** Of its bytes. */
  digest: Digest
  /** In bytes. */
  size: number
  /** Whether this run copied it. */
  outcome: ReceiptOutcome
}

/** What a receipt is made from; number, time and sums are added. */
export type ReceiptContent = Pick<Receipt, 'store' | 'host' | 'from' | 'images' | 'blobs' | 'gate' | 'error'>

const NO_SUM = '0'.repeat(64)

/** The line after the last one. @param now ISO 8601 */
export function nextReceipt(last: Receipt | undefined, content: ReceiptContent, now: string): Receipt {
  const receipt = {
    receiptVersion: 1 as const,
    number: (last?.number ?? 0) + 1,
    previous: last?.sum ?? NO_SUM,
    time: now,
    by: VERSION,
    ...content,
  }
  return { ...receipt, sum: sumOf(receipt) }
}

/** A log's bytes, one line per receipt. */
export function receiptsBytes(receipts: Receipt[]): Buffer {
  const lineEnd = Buffer.from('\n')
  return Buffer.concat(receipts.flatMap((receipt) => [canonicalBytes(receipt), lineEnd]))
}

/** Whether some bytes begin like a log of receipts, and not like another JSON document. */
export function looksLikeReceipts(start: string): boolean {
  return /^\{[^\n]*"receiptVersion":1[,}]/.test(start)
}

/**
 * Parses a log and checks its chain.
 * @param name of the file, for messages
 * @throws DOCUMENT_TOO_LARGE; RECEIPT_INVALID with every line that is changed, missing or cut short
 */
export function parseReceipts(bytes: Uint8Array, name: string): Receipt[] {
  if (bytes.length > LIMITS.receiptsBytes) throw tooLarge(name, bytes.length)
  const findings = new Findings(`log of receipts ${name}`)
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  if (lines.pop() !== '') findings.note(`line ${lines.length + 1}`, 'a whole line', 'one that was cut short')
  const receipts: Receipt[] = []
  lines.forEach((line, i) => {
    const receipt = readLine(line, `line ${i + 1}`, findings)
    if (!receipt) return
    checkLink(receipts.at(-1), receipt, `line ${i + 1}`, findings)
    receipts.push(receipt)
  })
  findings.throwIfAny('RECEIPT_INVALID')
  return receipts
}

function tooLarge(name: string, size: number): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `The receipts of ${name} have ${size} bytes.`, {
    expected: `at most ${LIMITS.receiptsBytes} bytes`,
    found: size,
  })
}

function readLine(line: string, where: string, findings: Findings): Receipt | undefined {
  try {
    const object = parseObject(Buffer.from(line, 'utf8'), where, LIMITS.indexBytes)
    const own = new Findings(where)
    checkReceipt(object, own)
    own.throwIfAny()
    return object as unknown as Receipt
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    findings.note(where, 'a receipt', said.replace(/\.$/, ''))
    return undefined
  }
}

function checkReceipt(receipt: Record<string, unknown>, findings: Findings): void {
  if (receipt.receiptVersion !== 1) findings.add('receiptVersion', '1', receipt.receiptVersion)
  if (!Number.isSafeInteger(receipt.number)) findings.add('number', 'a number', receipt.number)
  for (const key of ['previous', 'sum'])
    if (typeof receipt[key] !== 'string' || !/^[0-9a-f]{64}$/.test(receipt[key]))
      findings.add(key, '64 hex digits', receipt[key])
  for (const key of ['time', 'by', 'store'])
    if (typeof receipt[key] !== 'string') findings.add(key, 'a text', receipt[key])
  if (receipt.host !== undefined && typeof receipt.host !== 'string')
    findings.add('host', 'a text', receipt.host)
  if (!isTexts(receipt.from)) findings.add('from', 'a list of texts', receipt.from)
  eachObject(receipt.images, 'images', findings, (image, where) => {
    checkOutcome(image, [...RECEIPT_OUTCOMES, 'refused'], where, findings)
    for (const key of ['name', 'version', 'platform'])
      if (typeof image[key] !== 'string') findings.add(`${where}.${key}`, 'a text', image[key])
    if (!isDigest(image.digest)) findings.add(`${where}.digest`, 'a digest', image.digest)
    if (image.layers !== undefined)
      eachObject(image.layers, `${where}.layers`, findings, (layer, place) => {
        for (const key of ['digest', 'diffId'])
          if (!isDigest(layer[key])) findings.add(`${place}.${key}`, 'a digest', layer[key])
      })
  })
  eachObject(receipt.blobs, 'blobs', findings, (blob, where) => {
    if (!isDigest(blob.digest)) findings.add(`${where}.digest`, 'a digest', blob.digest)
    if (!isSize(blob.size)) findings.add(`${where}.size`, 'a number of bytes', blob.size)
    checkOutcome(blob, RECEIPT_OUTCOMES, where, findings)
  })
  if (receipt.gate !== undefined)
    eachObject([receipt.gate], 'gate', findings, (gate) => {
      for (const key of ['program', 'exit'])
        if (typeof gate[key] !== 'string') findings.add(`gate.${key}`, 'a text', gate[key])
      if (gate.version !== undefined && typeof gate.version !== 'string')
        findings.add('gate.version', 'a text', gate.version)
      if (gate.verdict !== 'passed' && gate.verdict !== 'refused')
        findings.add('gate.verdict', 'passed or refused', gate.verdict)
    })
  if (receipt.error !== undefined)
    eachObject([receipt.error], 'error', findings, (error) => {
      for (const key of ['code', 'message'])
        if (typeof error[key] !== 'string') findings.add(`error.${key}`, 'a text', error[key])
    })
}

function checkOutcome(
  { outcome }: Record<string, unknown>,
  known: readonly string[],
  where: string,
  findings: Findings,
): void {
  if (!known.some((one) => one === outcome)) findings.add(`${where}.outcome`, known.join(' or '), outcome)
}

/** What ties a line to the one before it. */
function checkLink(before: Receipt | undefined, receipt: Receipt, where: string, findings: Findings): void {
  const { sum, ...content } = receipt
  const found = sumOf(content)
  if (found !== sum) findings.note(where, `the sum ${found}, of what it says`, sum)
  const previous = before?.sum ?? NO_SUM
  if (receipt.previous !== previous) findings.note(where, `the line after ${previous}`, receipt.previous)
  const number = (before?.number ?? 0) + 1
  if (receipt.number !== number) findings.note(where, `receipt ${number}`, `receipt ${receipt.number}`)
  if (before && before.store !== receipt.store) findings.note(where, `store ${before.store}`, receipt.store)
}

function sumOf(content: Omit<Receipt, 'sum'>): string {
  return canonicalDigest(content).slice('sha256:'.length)
}
