/** How many columns of a terminal a text takes (Unicode Standard Annex 11, East Asian Width). */
export function widthOf(text: string): number {
  // Most text is ASCII, and then its length is its width.
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

const WITHOUT_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u
const HALF_WIDTH = /^[\uff61-\uffdc]$/u

function widthOfCharacter(character: string): number {
  if (WITHOUT_WIDTH.test(character)) return 0
  return WIDE.test(character) && !HALF_WIDTH.test(character) ? 2 : 1
}

/**
 * A text cut to a width, with `...` in place of what was cut; without it if there is no room even for that.
 */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const mark = width > 3 ? '...' : ''
  let kept = ''
  let room = width - mark.length
  for (const character of text) {
    room -= widthOfCharacter(character)
    if (room < 0) break
    kept += character
  }
  return kept + mark
}

/** A text with spaces after it, or before it, up to a width. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'left' ? text + spaces : spaces + text
}
