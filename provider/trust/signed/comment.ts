import { printable } from '../../../manifests/index.js'

/** What a signer says in the trusted comment of a signature: words separated by tabs, as in minisign's own. */
export interface SignedFacts {
  /** When it was signed, in seconds since 1970. */
  time: number
  /** The name of the list that is signed. */
  file: string
  /** Higher for what is newer; a signature that was made without our program is as new as its time. */
  sequence: number
  /** Names and versions of the images, as many as fit: `debian:12.5`. */
  images: string[]
  /**
   * The SHA-256 of the documents that say which image a name means, in hex; everything else in an archive has a digest.
   */
  documents?: string | undefined
}

/** minisign accepts at most 8,192 bytes. */
const MOST_NAMES_BYTES = 4000

export function formatComment({ time, file, sequence, images, documents }: SignedFacts): string {
  const words = [
    `timestamp:${time}`,
    `file:${plain(file)}`,
    'hashed',
    `sequence:${sequence}`,
    ...(documents === undefined ? [] : [`documents:${documents}`]),
    ...(images.length === 0 ? [] : [`images:${someOf(images.map(plain))}`]),
  ]
  return words.join('\t')
}

/** What a trusted comment says, if it says anything; words that are not ours are ignored. */
export function parseComment(comment: string): Partial<SignedFacts> {
  const facts: Partial<SignedFacts> = {}
  const values = new Map(
    comment.split('\t').map((word) => {
      const at = word.indexOf(':')
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
  const time = numberIn(values.get('timestamp'))
  const sequence = numberIn(values.get('sequence')) ?? time
  if (time !== undefined) facts.time = time
  if (sequence !== undefined) facts.sequence = sequence
  const file = values.get('file')
  if (file !== undefined) facts.file = printable(file)
  const documents = values.get('documents')
  if (documents !== undefined && /^[0-9a-f]{64}$/.test(documents)) facts.documents = documents
  const images = values.get('images')
  if (images) facts.images = images.split(',').map(printable)
  return facts
}

function someOf(names: string[]): string {
  let text = ''
  for (const [i, name] of names.entries()) {
    const longer = i === 0 ? name : `${text},${name}`
    if (Buffer.byteLength(longer) > MOST_NAMES_BYTES) return `${text},+${names.length - i}`
    text = longer
  }
  return text
}

/** No word contains a character that would end it, or that is invisible. */
function plain(text: string): string {
  return printable(text).replaceAll(',', '?')
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}
