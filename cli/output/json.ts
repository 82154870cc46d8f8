/**
 * A document as JSON. Characters that could steer a terminal or reorder what is read (CVE-2021-42574) are
 * escaped, which programs read as the same text.
 */
export function jsonText(document: unknown, indent = 2): string {
  return escapedJson(JSON.stringify(document, null, indent) ?? 'null')
}

/** The same of what is JSON already. */
export function escapedJson(json: string): string {
  return json.replace(STEERING, escaped)
}

/** Controls and what cannot be seen; the ends of lines are those of the indentation, in texts they are escaped. */
const STEERING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Beyond U+FFFF in two halves, as JSON has it (RFC 8259, 7). */
function escaped(character: string): string {
  return character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
