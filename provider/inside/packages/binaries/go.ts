import type { Findings } from '../findings.js'
import { Unreadable } from '../package-reader.js'
import { bytesOf, type Executable, fromAddress, type Section } from './sections.js'

/** How the build information begins, and how it is laid out (Go's src/debug/buildinfo/buildinfo.go). */
const MARK = Buffer.from('\xff Go buildinf:', 'latin1')
const HEADER_BYTES = 32
const ALIGNMENT = 16
/** Of one name; there is one. */
const MOST_SECTIONS = 4
const BIG_ENDIAN = 1
/** Since Go 1.18 the texts follow the header; before, there were two pointers to them. */
const INLINE = 2
/** The list of modules of the largest programs has some 200 kB. */
const LONGEST_TEXT = 16 * 1024 * 1024
/** Before and behind the list of modules there are 16 bytes by which the linker finds it. */
const FRAME = 16

/**
 * The modules that a Go program was built from, with the standard library under the version of Go.
 * @returns whether it is a Go program
 * @throws Unreadable, RangeError
 */
export function readGo(bytes: Buffer, program: Executable, findings: Findings): boolean {
  const header = headerIn(bytes, program.sections)
  if (!header) return false
  const [version, modules] = textsOf(bytes, program, header)
  const [, number] = /^go(\d\S*)/.exec(version) ?? []
  findings.package({ kind: 'golang', name: 'stdlib', version: number })
  readModules(modules, findings)
  return true
}

/** It is in a separate section; if sections have no names, at the start of the writable data. */
function headerIn(bytes: Buffer, sections: Section[]): Buffer | undefined {
  const own = sections.filter(({ name }) => name === '.go.buildinfo')
  const data = sections.filter(({ name }) => name === '.data')
  for (const section of (own.length > 0 ? own : data).slice(0, MOST_SECTIONS)) {
    const content = bytesOf(bytes, section)
    // Like Go's own reader, which looks at the first megabyte.
    const near = content.subarray(0, 1024 * 1024)
    for (let at = near.indexOf(MARK); at !== -1; at = near.indexOf(MARK, at + 1))
      if (at % ALIGNMENT === 0 && content.length - at >= HEADER_BYTES) return content.subarray(at)
  }
  return undefined
}

function textsOf(bytes: Buffer, program: Executable, header: Buffer): [version: string, modules: string] {
  const flags = header.readUInt8(15)
  if ((flags & INLINE) !== 0) {
    const [version, rest] = inlineText(header.subarray(HEADER_BYTES))
    const [modules] = inlineText(rest)
    return [version.toString('latin1'), unframed(modules)]
  }
  const width = header.readUInt8(14)
  if (width !== 4 && width !== 8) throw new Unreadable('its pointers have no size')
  const isBig = (flags & BIG_ENDIAN) !== 0
  const pointed = (at: number): Buffer =>
    pointedText(bytes, program.sections, numberIn(header, at, width, isBig), width, isBig)
  return [pointed(16).toString('latin1'), unframed(pointed(16 + width))]
}

/** A length of at most 10 bytes of 7 bits each, lowest first, and so many bytes. */
function inlineText(bytes: Buffer): [text: Buffer, rest: Buffer] {
  let length = 0
  let at = 0
  for (let factor = 1; at < 10; factor *= 128) {
    const byte = bytes.readUInt8(at++)
    length += (byte & 0x7f) * factor
    if ((byte & 0x80) === 0) break
  }
  if (length > LONGEST_TEXT || at + length > bytes.length)
    throw new Unreadable('what Go says of its build is cut short')
  return [bytes.subarray(at, at + length), bytes.subarray(at + length)]
}

/** A pointer to a string of Go: a pointer to its bytes, and their number. */
function pointedText(
  bytes: Buffer,
  sections: Section[],
  address: number,
  width: number,
  isBig: boolean,
): Buffer {
  const string = fromAddress(bytes, sections, address)
  if (!string) return Buffer.alloc(0)
  const length = numberIn(string, width, width, isBig)
  const text = fromAddress(bytes, sections, numberIn(string, 0, width, isBig))
  if (!text || length > LONGEST_TEXT) return Buffer.alloc(0)
  return text.subarray(0, length)
}

function numberIn(bytes: Buffer, at: number, width: number, isBig: boolean): number {
  if (width === 4) return isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
  return Number(isBig ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at))
}

function unframed(modules: Buffer): string {
  const isFramed = modules.length >= 2 * FRAME + 1 && modules[modules.length - FRAME - 1] === 0x0a
  return isFramed ? modules.toString('utf8', FRAME, modules.length - FRAME) : ''
}

/** Lines of `path`, `mod`, `dep`, `=>` and `build`, with tabs between their fields (runtime/debug's ParseBuildInfo). */
function readModules(text: string, findings: Findings): void {
  let module: { name: string | undefined; version: string | undefined } | undefined
  const finish = (): void => {
    // A module built from its own folder has no real version.
    if (module && module.version !== '(devel)') findings.package({ kind: 'golang', ...module })
    module = undefined
  }
  for (const line of text.split('\n')) {
    const [word, name, version] = line.split('\t')
    if (word === 'mod' || word === 'dep') {
      finish()
      module = { name, version }
    } else if (word === '=>' && !isFolder(name)) module = { name, version }
  }
  finish()
}

/** A module that was replaced by a local folder is still that module. */
function isFolder(name: string | undefined): boolean {
  return name === undefined || name.startsWith('.') || name.startsWith('/') || /^[A-Za-z]:/.test(name)
}
