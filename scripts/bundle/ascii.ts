/**
 * A program in ASCII only: esbuild leaves other characters in regular expressions. V8 holds and reads a text with a
 * single character beyond Latin-1 at two bytes per character, and Node decodes one with characters beyond ASCII slowly:
 * starting took two thirds longer.
 */
export function inAscii(program: string): string {
  return program.replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
