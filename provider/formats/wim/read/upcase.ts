import { UPCASE_RUNS } from './upcase-table.js'

let table: Uint16Array | undefined

/**
 * A name as NTFS compares names: each unit of UTF-16 by itself, by the table $UpCase that every volume has ([MS-FSCC]
 * has none; mkntfs writes that of Windows 7 and later). It keeps apart characters that Unicode's own rules
 * treat as one, such as µ and μ, and does not know letters that were added later.
 */
export function ntfsUpcase(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is
  if (/^[\x00-\x7f]*$/.test(name)) return name.toUpperCase()
  table ??= makeTable()
  let upper = ''
  for (let i = 0; i < name.length; i++) upper += String.fromCharCode(table[name.charCodeAt(i)] ?? 0)
  return upper
}

function makeTable(): Uint16Array {
  const made = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit)
  for (const run of UPCASE_RUNS.split(' ')) {
    const [start = 0, count = 0, step = 1, delta = 0] = run.split(',').map(Number)
    for (let i = 0, unit = start; i < count; i++, unit += step) made[unit] = unit + delta
  }
  return made
}
