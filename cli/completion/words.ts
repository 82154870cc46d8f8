/**
 * The words of a command line as a shell splits them: at spaces, but not inside quotes or after a backslash.
 * The last one is the word at the cursor, empty after a space.
 */
export function wordsOf(line: string): string[] {
  const words = ['']
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    if (character === '\\' && quote !== "'") add(words, line[++at] ?? '')
    else if (quote !== '' && character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (quote === '' && /\s/.test(character)) begin(words)
    else add(words, character)
  }
  return words
}

function add(words: string[], text: string): void {
  words[words.length - 1] += text
}

function begin(words: string[]): void {
  if (words.at(-1) !== '') words.push('')
}
