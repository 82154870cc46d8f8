/**
 * JSON whose bytes depend on its content alone: keys sorted by code unit, no white space,
 * undefined members left out. For documents that we make, so that the same image has the
 * same digest on every machine.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]))
}
