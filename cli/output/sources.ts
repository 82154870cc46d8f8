import type { SourceSetting } from '../../provider/index.js'
import { table } from './table.js'

/** `Name Type Location`, in the order in which they are asked. */
export function sourceLines(sources: SourceSetting[], width?: number): string[] {
  const columns = [{ title: 'Name' }, { title: 'Type' }, { title: 'Location', shrinks: 1 }]
  const rows = sources.map(({ name, type, location, insecure }) => [
    name,
    type,
    insecure ? `${location} (insecure)` : location,
  ])
  return table(columns, rows, { width, gap: 2, underlined: true })
}
