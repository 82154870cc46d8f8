import { type ErrorCode, printable } from '../../../manifests/index.js'
import { leftoverOf } from '../../store/leftovers.js'
import { type FoundFile, INGEST_FOLDER } from './walk-files.js'

/** One file of a media that is not as a list says, or something that is not a valid list. */
export interface MediaProblem {
  code: Extract<
    ErrorCode,
    'FILE_MISSING' | 'FILE_CHANGED' | 'FILE_EXTRA' | 'INVALID_DOCUMENT' | 'DOCUMENT_TOO_LARGE'
  >
  path: string
  expected?: string
  found?: string
  message: string
}

export function missing(name: string, expected: string): MediaProblem {
  return {
    code: 'FILE_MISSING',
    path: name,
    expected,
    found: 'nothing',
    message: `${printable(name)} is missing.`,
  }
}

/** @param list the list that names it, if that is not the usual one */
export function changed(name: string, expected: string, found: string, list = 'the list'): MediaProblem {
  const message = `${printable(name)} is not the file that ${list} names.`
  return { code: 'FILE_CHANGED', path: name, expected, found, message }
}

/** Something that is not a regular file is never opened. @param what in words */
export function noFile(name: string, what: string): MediaProblem {
  const message = `${printable(name)} is ${what}, and not the file that the list names.`
  return { ...changed(name, 'a regular file', what), message }
}

export function noFolder({ path: name, what }: FoundFile): MediaProblem {
  const message = `${printable(name)} is ${what}, and not the folder that the list names.`
  return { ...changed(name, 'a folder', what), message }
}

export function extra(name: string): MediaProblem {
  const [folder, top = ''] = name.split('/')
  const message =
    folder === INGEST_FOLDER && leftoverOf(top)
      ? `${printable(name)} was left by a save that did not end; run it again.`
      : `${printable(name)} is on the media and not in its list.`
  return { code: 'FILE_EXTRA', path: name, expected: 'nothing', found: 'a file', message }
}
