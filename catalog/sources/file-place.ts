import path from 'node:path'
import { present } from '../../manifests/index.js'
import type { EntryLocation } from '../entry.js'
import { isLoopback } from '../loopback.js'

/** Where an index was read from: what it names is resolved against this, and may not lead outside. */
export interface IndexPlace {
  /** Path or http(s) URL. */
  location: string
  /** Plain http is allowed to hosts other than this machine. */
  insecure: boolean
}

/** A file that an index names, or why it may not be used. */
export type FilePlace = { location: EntryLocation } | { refused: string }

/** Whether an index was read over the network. */
function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location)
}

/**
 * The file that a text in an index names: a URL, or a path relative to the index.
 *
 * An index from the network names no path of this machine and no share: opening a share sends the user's
 * credentials to whoever the index names (CWE-73; Windows' NTLM). A path in an index on a carrier must stay
 * within its folder (zip-slip's class), except where `anyPath` allows others.
 */
export function filePlace(text: string, place: IndexPlace, options: { anyPath?: boolean } = {}): FilePlace {
  if (isUrl(text)) return urlPlace(text, place)
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return { refused: 'only https URLs and paths are allowed' }
  if (isUrl(place.location)) return relativeUrl(text, place)
  return localPath(text, place.location, options.anyPath ?? false)
}

function urlPlace(text: string, place: IndexPlace): FilePlace {
  if (!URL.canParse(text)) return { refused: 'it is not a URL' }
  const url = new URL(text)
  if (url.username || url.password) return { refused: 'a URL must not hold a user or a password' }
  const plain = url.protocol === 'http:'
  if (plain && !place.insecure && !isLoopback(url.hostname)) return { refused: 'plain http is not allowed' }
  return { location: present({ kind: 'url', url: url.href, insecure: plain || undefined }) }
}

function relativeUrl(text: string, place: IndexPlace): FilePlace {
  if (/^[\\/]|\\/.test(text)) return { refused: 'an index from the network names no paths' }
  return urlPlace(new URL(text, place.location).href, place)
}

function localPath(text: string, index: string, anyPath: boolean): FilePlace {
  const folder = path.dirname(index)
  if (anyPath && isAbsolute(text)) return { location: { kind: 'path', path: text } }
  // Windows reads both separators, so a carrier from there may use both.
  const parts = text.split(/[\\/]/)
  if (text === '' || isAbsolute(text) || parts.some(isUnsafe))
    return { refused: 'a path must stay below the index' }
  return { location: { kind: 'path', path: path.join(folder, ...parts) } }
}

function isAbsolute(text: string): boolean {
  return path.posix.isAbsolute(text) || path.win32.isAbsolute(text)
}

/**
 * Leads up, is a drive or a stream, or is a device or a different file on Windows (CVE-2025-23084's class).
 */
function isUnsafe(part: string): boolean {
  if (part === '..' || /[:\0]/.test(part) || /[. ]$/.test(part.replace(/^\.$/, ''))) return true
  return /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i.test(part)
}
