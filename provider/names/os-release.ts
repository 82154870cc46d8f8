/** The keys that a system says of itself, such as ID, NAME and VERSION_ID. */
export type OsRelease = Record<string, string>

/** os-release(5): `KEY=value` lines, values in shell quotes. */
export function parseOsRelease(text: string): OsRelease {
  const found: OsRelease = {}
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim())
    if (match?.[1] && match[2] !== undefined) found[match[1]] = unquoted(match[2].trim())
  }
  return found
}

function unquoted(value: string): string {
  const quote = value[0]
  if ((quote === '"' || quote === "'") && value.endsWith(quote) && value.length > 1) {
    const inner = value.slice(1, -1)
    return quote === '"' ? inner.replace(/\\([\\"$`])/g, '$1') : inner
  }
  return value
}
