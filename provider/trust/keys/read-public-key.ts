import { existsSync } from 'node:fs'
import { printable } from '../../../manifests/index.js'
import { readDocument } from '../../io/files/read-document.js'
import { type PublicKey, parsePublicKey } from '../minisign/public-key.js'
import { MOST_BYTES } from '../minisign/text-file.js'

/**
 * A public key, given by the path of its file or as the line that the file contains.
 * @throws KEY_INVALID, PATH_NOT_FOUND, NOT_A_FILE
 */
export async function readPublicKey(word: string): Promise<PublicKey> {
  if (!existsSync(word) && LINE.test(word)) return parsePublicKey(Buffer.from(word), 'The key')
  return parsePublicKey(await readDocument(word, MOST_BYTES), printable(word))
}

/** 42 bytes in base64, which begin with `Ed`. */
const LINE = /^RW[A-Za-z0-9+/]{54}$/
