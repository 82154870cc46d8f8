/** Whether a text is the wanted one, in which `*` stands for any run of characters. Upper and lower case differ. */
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
