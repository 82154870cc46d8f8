/**
 * A document as JSON. Characters that could steer a terminal or reorder what is read (CVE-2021-42574) are
 * escaped, which programs read as the same text.
 */
export function jsonText(document: unknown, indent = 2): string {
  return (JSON.stringify(document, null, indent) ?? 'null').replace(STEERING, escaped)
}

const STEERING = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
