import { inflateSync } from 'node:zlib'
import { shallowJson } from '../../../../manifests/json-structure.js'
import type { Findings } from '../findings.js'
import { bytesOf, type Executable } from './sections.js'

const LARGEST = 8 * 1024 * 1024

/**
 * The crates that a Rust program was built from, if cargo-auditable wrote them into it: JSON, compressed with
 * zlib, in a separate section (github.com/rust-secure-code/cargo-auditable, PARSING.md).
 * @throws Unreadable, RangeError, SyntaxError
 */
export function readRust(bytes: Buffer, program: Executable, findings: Findings): void {
  const section = program.sections.find(({ name }) => name === '.dep-v0')
  if (!section) return
  const text = inflateSync(bytesOf(bytes, section), { maxOutputLength: LARGEST }).toString('utf8')
  const { packages } = shallowJson(text) as { packages?: unknown }
  if (!Array.isArray(packages)) return
  // Crates that only the build needed are not in the program.
  for (const crate of packages as { name?: string; version?: string; kind?: string }[])
    if (crate && (crate.kind ?? 'runtime') === 'runtime')
      findings.package({ kind: 'cargo', name: crate.name, version: crate.version })
}
