/** The rows that contain all words of a text, in upper or lower case. */
export function withWords<Row>(rows: Row[], text: string, wordsOf: (row: Row) => string): Row[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return rows
  return rows.filter((row) => {
    const words = wordsOf(row).toLowerCase()
    return wanted.every((word) => words.includes(word))
  })
}
