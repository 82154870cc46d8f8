/**
 * A document as JSON. Characters that could control a terminal or reorder the text (CVE-2021-42574) are
 * escaped; programs read the same text.
 */
export function jsonText(document: unknown, indent = 2): string {
  return escapedJson(JSON.stringify(document, null, indent) ?? 'null')
}

/** The same for text that is already JSON. */
export function escapedJson(json: string): string {
  return json.replace(STEERING, escaped)
}

/** Control and invisible characters; line ends only come from the indentation, in texts they are escaped. */
const STEERING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Beyond U+FFFF as a surrogate pair, as in JSON (RFC 8259, 7). */
function escaped(character: string): string {
  return character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
