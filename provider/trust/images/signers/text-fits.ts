/** Whether a text is the one that is wanted; in that, `*` is any run of characters. The case of letters counts. */
export function textFits(wanted: string, text: string): boolean {
  const [start = '', ...rest] = wanted.split('*')
  const end = rest.pop()
  if (end === undefined) return text === wanted
  if (!text.startsWith(start) || !text.endsWith(end) || text.length < start.length + end.length) return false
  let at = start.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= text.length - end.length
}
