import { KB, MB, type PackageFormat } from '../package-reader.js'
import { readGo } from './go.js'
import { readRust } from './rust.js'
import { executable, isExecutable } from './sections.js'

/** Programs that say what they were built from: Go programs, and Rust programs that were built to do so. */
export const binaries: PackageFormat = {
  id: 'binaries-1',
  largest: 1024 * MB,
  wantsPath: (path) => !NEVER.test(path),
  // Windows layers have no modes: there the name decides.
  wantsEntry: ({ path, size, mode }) => size >= SMALLEST && ((mode & 0o111) !== 0 || /\.exe$/i.test(path)),
  read(bytes, findings) {
    if (!isExecutable(bytes)) return
    const program = executable(bytes)
    if (!readGo(bytes, program, findings)) readRust(bytes, program, findings)
  },
}

/** The smallest Go program has more than a megabyte; a Rust program can be made small. */
const SMALLEST = 64 * KB

/** Scripts and texts that may be run, and Windows' own programs, of which there are thousands. */
const NEVER = /\.(?:py|pl|pm|sh|rb|js|h|ko|txt|json)$|^(?:Files\/)?Windows\//i
