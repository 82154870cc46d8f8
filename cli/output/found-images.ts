import type { FoundImage } from '../../provider/index.js'
import { table } from './table.js'

/** `Name Version Source Summary`, as the provider printed it. */
export function foundLines(images: FoundImage[], width?: number): string[] {
  const columns = [
    { title: 'Name', shrinks: 3 },
    { title: 'Version' },
    { title: 'Source', shrinks: 2 },
    { title: 'Summary', shrinks: 1 },
  ]
  const rows = images.map(({ name, version, source, summary }) => [name, version, source, summary])
  return images.length === 0 ? [] : table(columns, rows, { width, gap: 2, underlined: true })
}
