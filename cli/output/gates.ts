import { type GateVerdict, printable } from '../../manifests/index.js'

/** What the site's own program said, if there is one. */
export function gateLine(gate: GateVerdict | undefined): string[] {
  if (!gate) return []
  const version = gate.version === undefined ? '' : ` (${printable(gate.version)})`
  return [`Gate: ${printable(gate.program)}${version} ${gate.verdict} it.`]
}
