import { sizeInWords } from '../io/files/sizes.js'

/** As the command prints it. */
export function size(bytes: number | undefined): string {
  return bytes === undefined ? '–' : sizeInWords(bytes)
}

/** The first twelve digits, as docker shows an id. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
