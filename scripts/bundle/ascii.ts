/**
 * A program in ASCII alone: esbuild leaves other characters in regular expressions. V8 holds and reads a text with one
 * character beyond Latin-1 at two bytes each, and Node decodes one beyond ASCII slowly: a start took two thirds longer.
 */
export function inAscii(program: string): string {
  return program.replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
