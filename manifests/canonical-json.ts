/**
 * JSON whose bytes depend on its content alone: keys sorted by code unit, no white space, undefined members
 * left out (RFC 8785). For documents that we make, so that an image has the same digest on every machine.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  // Written member by member: in a newly made object, keys that look like numbers would come first.
  const members = Object.entries(value).filter(([, v]) => v !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(',')}}`
}

export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8')
}
